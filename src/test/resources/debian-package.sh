#!/bin/bash
# Run in a mount and process namespace of its own, as root: installs the package into a copy of this system that is gone afterwards, serves
# an application of /etc/terpan/applications, upgrades, removes and purges it. Arguments: the package, a newer one, a folder to work in.
set -euo pipefail
package=$1 newer=$2 folder=$3

mount -t tmpfs -o size=1g tmpfs "$folder"
mkdir "$folder"/{upper,work,root}
mount -t overlay -o "lowerdir=/,upperdir=$folder/upper,workdir=$folder/work" overlay "$folder/root"
root=$folder/root
cp "$package" "$root/terpan.deb"
cp "$newer" "$root/newer.deb"
mount -t proc proc "$root/proc"
mount --rbind /dev "$root/dev"
mount -t tmpfs tmpfs "$root/tmp"
mount -t tmpfs tmpfs "$root/run"

within() { chroot "$root" env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C.UTF-8 DEBIAN_FRONTEND=noninteractive "$@"; }
say() { echo "== $*"; }

say install
within dpkg --install /terpan.deb
within getent passwd terpan
within terpan version --verbose
within test -s /usr/share/man/man5/terpan.toml.5.gz
within bash -n /usr/share/bash-completion/completions/terpan
within grep -q "^source /usr/share/bash-completion/completions/terpan$" /usr/share/zsh/vendor-completions/_terpan

say serve
mkdir -p "$root/srv/shop"
cat > "$root/srv/shop/app.py" <<'PYTHON'
def application(environ, start_response):
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [b"Hello from the package\n"]
PYTHON
cat > "$root/etc/terpan/applications/shop.toml" <<'TOML'
bind = ["unix:/run/terpan-shop/http.sock"]
[application]
name = "/srv/shop/app.py"
python = "/usr/bin/python3"
[workers]
count = 1
TOML
# What systemd does of the unit, by hand: its folders, its user, its command.
unit=$root/lib/systemd/system/terpan@.service
for place in run/terpan-shop var/lib/terpan var/cache/terpan var/log/terpan; do
    mkdir -p "$root/$place"
    within chown terpan:terpan "/$place"
    within chmod 700 "/$place"
done
command=$(sed -n 's/^ExecStart=//p' "$unit" | sed 's/%i/shop/g')
# shellcheck disable=SC2086 # a command of words
within setpriv --reuid=terpan --regid=terpan --init-groups env XDG_CACHE_HOME=/var/cache/terpan HOME=/var/lib/terpan $command > "$folder/served" 2>&1 &
for _ in $(seq 300); do
    if grep -q "Stop  " "$folder/served" || ! kill -0 $! 2> /dev/null; then break; fi
    sleep 0.1
done
cat "$folder/served"
within python3 -c '
import socket
client = socket.socket(socket.AF_UNIX)
client.settimeout(30)
client.connect("/run/terpan-shop/http.sock")
client.sendall(b"GET / HTTP/1.0\r\n\r\n")
answer = b""
while part := client.recv(4096):
    answer += part
assert answer.endswith(b"Hello from the package\n"), answer'
within terpan status --run-directory /run/terpan-shop

say upgrade
echo '# changed by the operator' >> "$root/etc/terpan/terpan.toml"
within dpkg --install /newer.deb
within dpkg-query --show --showformat='${Version}\n' terpan
grep -q 'changed by the operator' "$root/etc/terpan/terpan.toml"
within terpan stop --run-directory /run/terpan-shop
wait

say remove
within dpkg --remove terpan
within test ! -e /usr/lib/terpan
within test -e /etc/terpan/terpan.toml

say purge
within dpkg --purge terpan
within test ! -e /etc/terpan/terpan.toml
within test ! -e /var/cache/terpan
within test -e /etc/terpan/applications/shop.toml
say done
