"""Files of the `tiny` guest, copied into its initramfs."""
