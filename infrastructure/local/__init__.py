"""The embedded cloud: runs ``template.yaml`` on this machine, without Docker or an account.

``python -m infrastructure.local run`` starts it; ``infrastructure.local.cloud`` does the same for tests. ``emulator/``
is the AWS emulator with its patches, ``gateway/`` the one public port; the modules beside them build, deploy, start,
watch and stop everything.
"""
