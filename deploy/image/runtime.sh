#!/usr/bin/env bash
# Writes the base of the pod's image: a Java runtime made by jlink from the JDK that builds, the shared libraries of this
# machine that it needs, and nothing else: no shell, no package manager. Needs Linux with glibc, GNU tar, ldd. Neither
# Docker nor a registry is asked. The same JDK and the same libraries give the same bytes.
#
#   deploy/image/runtime.sh <java home> <new tar>
set -eu -o pipefail
umask 022

java_home=$1
target=$2

if [ "$(uname -s)" != Linux ] || ! tar --version 2>/dev/null | grep -q GNU || ! command -v ldd >/dev/null; then
    echo "deploy/image/runtime.sh needs Linux with GNU tar and ldd. Next: build there, or name a base image of your own with -Dimage.base=..." >&2
    exit 1
fi
# Before 2.34 it loads what resolves host names (libnss_dns and others) by name while it runs, which ldd does not see.
if ! printf '2.34\n%s\n' "$(getconf GNU_LIBC_VERSION 2>/dev/null | sed 's/^glibc //')" | sort -V -C; then
    echo "deploy/image/runtime.sh needs glibc 2.34 or newer. Next: build there, or name a base image of your own with -Dimage.base=..." >&2
    exit 1
fi
if [ ! -x "$java_home/bin/jlink" ]; then
    echo "no jlink in $java_home. Next: set JAVA_HOME to a whole JDK, or name a base image of your own with -Dimage.base=..." >&2
    exit 1
fi
case $(uname -m) in
    x86_64) architecture=amd64 ;;
    aarch64) architecture=arm64 ;;
    *) architecture=$(uname -m) ;;
esac

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
root=$work/root
mkdir -p "$root/opt" "$root/etc/dualwrite" "$root/tmp" "$root/proc" "$root/dev" "$root/sys"

# Whole Java SE, since a driver may use any part of it; elliptic curves for TLS; what Spring, Tomcat and pgjdbc need
# beyond it; the generator of random numbers that the relay spreads its retries with (a service, which jlink does not
# follow); and what a person on call needs: jcmd and flight recordings.
"$java_home/bin/jlink" --output "$root/opt/java" --no-header-files --no-man-pages \
    --add-modules java.se,jdk.crypto.ec,jdk.jcmd,jdk.jfr,jdk.management,jdk.naming.dns,jdk.random,jdk.unsupported,jdk.zipfs
# There is no screen, no sound and no keyboard.
(cd "$root/opt/java/lib" && rm -f libawt_xawt.so libawt_headless.so libawt.so libfontmanager.so libjavajpeg.so libjawt.so \
    libjsound.so liblcms.so libmlib_image.so libsplashscreen.so)
# Distributions keep the certificates outside of the JDK.
cp -L "$java_home/lib/security/cacerts" "$root/opt/java/lib/security/cacerts"

# The linker and the libraries, where the programs look for them.
export LD_LIBRARY_PATH=$root/opt/java/lib:$root/opt/java/lib/server
{ find "$root/opt/java" -name '*.so'; echo "$root/opt/java/bin/java"; } | xargs ldd 2>/dev/null |
    sed -n -e 's/.* => \(\/[^ ]*\) .*/\1/p' -e 's/^[[:space:]]*\(\/[^ ]*ld-[^ ]*\) .*/\1/p' |
    { grep -v "^$root" || true; } | sort -u | while read -r library; do
        mkdir -p "$root$(dirname "$library")"
        cp -L "$library" "$root$library"
        chmod 755 "$root$library"
    done
unset LD_LIBRARY_PATH

# A name for the number, files before DNS, and a /tmp that anybody may write once something writable is mounted there.
echo 'dualwrite:x:65532:65532::/nonexistent:/nonexistent' >"$root/etc/passwd"
echo 'dualwrite:x:65532:' >"$root/etc/group"
echo 'hosts: files dns' >"$root/etc/nsswitch.conf"
chmod 1777 "$root/tmp"

same_bytes=(--format=gnu --sort=name --mtime=@1 --owner=0 --group=0 --numeric-owner)
tar "${same_bytes[@]}" -C "$root" -cf "$work/layer.tar" .
sum=$(sha256sum "$work/layer.tar" | cut -d' ' -f1)
cat >"$work/config.json" <<CONFIG
{"architecture":"$architecture","os":"linux","created":"1970-01-01T00:00:01Z","config":{"Env":["PATH=/opt/java/bin"]},"rootfs":{"type":"layers","diff_ids":["sha256:$sum"]},"history":[{"created":"1970-01-01T00:00:01Z","created_by":"deploy/image/runtime.sh"}]}
CONFIG
echo '[{"Config":"config.json","RepoTags":[],"Layers":["layer.tar"]}]' >"$work/manifest.json"
mkdir -p "$(dirname "$target")"
tar "${same_bytes[@]}" -C "$work" -cf "$target" config.json layer.tar manifest.json
