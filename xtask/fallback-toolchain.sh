#!/usr/bin/env bash
# Makes a Rust toolchain for wasm32-wasip2 where rustup cannot download that target: Debian's compiler and library source,
# the linkers of rustup's toolchain, one sysroot. Usage: fallback-toolchain.sh FOLDER NAME (NAME is linked in rustup).
set -euo pipefail
folder=$1 name=$2 target=wasm32-wasip2 host=x86_64-unknown-linux-gnu
packages=(rustc-web cargo-web rust-web-src rust-web-clippy wasi-libc)

if ! dpkg --status "${packages[@]}" >/dev/null 2>&1; then
    root=(env DEBIAN_FRONTEND=noninteractive)
    [ "$(id -u)" = 0 ] || root=(sudo -n "${root[@]}")
    install=("${root[@]}" apt-get install --yes --no-install-recommends "${packages[@]}")
    "${install[@]}" || { "${root[@]}" apt-get update && "${install[@]}"; }
fi

normal=$(rustc --print sysroot) work=$folder.new
sysroot=$work/sysroot library=$work/sysroot/lib/rustlib
trap 'rm -rf "$work"' EXIT
mkdir -p "$sysroot/bin" "$library/$host/bin" "$library/$target/lib/self-contained" "$library/src/rust"

# Linkers, and libLLVM where their rpath looks for it.
cp -r "$normal/lib/rustlib/$host/bin/." "$library/$host/bin/"
cp -P "$normal"/lib/libLLVM* "$sysroot/lib/"
ln -s "/usr/lib/rustlib/$host/lib" "$library/$host/lib"
ln -s "$(dirname "$(dpkg --listfiles rust-web-src | grep -m1 '/library/Cargo.lock$')")" "$library/src/rust/library"
cp /usr/lib/wasm32-wasi/{crt1-command.o,crt1-reactor.o,libc.a} "$library/$target/lib/self-contained/"

# Each wrapper's sysroot is the folder it lies in, so that the finished folder may be moved.
here='SYSROOT=$(cd "$(dirname "$0")/.." && pwd); export SYSROOT; exec'
for program in cargo cargo-clippy clippy-driver; do
    printf '#!/bin/sh\n%s /usr/bin/%s "$@"\n' "$here" "$program" >"$sysroot/bin/$program"
done
for program in rustc rustdoc; do
    printf '#!/bin/sh\n%s /usr/bin/%s --sysroot "$SYSROOT" "$@"\n' "$here" "$program" >"$sysroot/bin/$program"
done
chmod +x "$sysroot"/bin/*

# The standard library. Bitcode in it lets guests use LTO.
mkdir -p "$work/empty/src" && : >"$work/empty/src/lib.rs"
printf '[package]\nname = "empty"\nedition = "2024"\n[workspace]\n' >"$work/empty/Cargo.toml"
(cd "$work/empty" && export RUSTC="$sysroot/bin/rustc" RUSTC_BOOTSTRAP=1 RUSTFLAGS=-Cembed-bitcode=yes &&
    /usr/bin/cargo build --target-dir "$work/target" --release --target "$target" -Zbuild-std=std,panic_abort,proc_macro,test)
rm "$work/target/$target/release/deps"/libempty-*
cp "$work/target/$target/release/deps"/*.rlib "$library/$target/lib/"

# std names functions that this libc lacks. These fail when called: no sockets, no threads in a guest.
{
    echo '#![no_std]'
    for function in socket:3 bind:3 connect:3 listen:2 getsockname:3 getpeername:3 setsockopt:5 recvfrom:6 sendto:6 getaddrinfo:4 \
        gai_strerror:1 pthread_{create:4,join:2,detach:1,attr_init:1,attr_setstacksize:2,attr_destroy:1}; do
        parameters=$(printf '_: i32, %.0s' $(seq "${function#*:}"))
        result=58; [ "${function%:*}" = gai_strerror ] && result='c"not supported".as_ptr() as i32'
        echo "#[unsafe(no_mangle)] extern \"C\" fn ${function%:*}($parameters) -> i32 { $result }"
    done
    echo '#[unsafe(no_mangle)] extern "C" fn freeaddrinfo(_: i32) {}'
} >"$work/stubs.rs"
"$sysroot/bin/rustc" --target "$target" --edition 2024 --crate-type lib --emit obj -o "$work/stubs.o" "$work/stubs.rs"
ar r "$library/$target/lib/self-contained/libc.a" "$work/stubs.o"

rm -rf "$folder" && mv "$sysroot" "$folder"
rustup toolchain link "$name" "$folder"
