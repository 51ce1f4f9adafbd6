#!/bin/sh
# Once per boot: file systems, name, network, host key. Says on the console which boot this is.
export PATH=/bin
mkdir -p /dev/pts /dev/shm /run
mount -t devpts devpts /dev/pts
mount -t tmpfs -o mode=755 tmpfs /run
hostname -F /etc/hostname
ip link set lo up
ip link set eth0 up
[ -f /etc/dropbear/ed25519 ] || dropbearkey -t ed25519 -f /etc/dropbear/ed25519 >/dev/null 2>&1
udhcpc -q -n -t 5 -T 1 -i eth0 -s /etc/udhcpc.script >/dev/null 2>&1 || echo "sharemtc: no network address"
echo "sharemtc: boot_id=$(cat /proc/sys/kernel/random/boot_id)"
