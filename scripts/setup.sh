#!/bin/sh
# A fresh clone -> ready to run. `setup.sh run|demo|test`: checks Node, installs what is missing of Debian's packages
# and of npm's, builds what changed. Silent and quick when there is nothing to do; everything it says goes to stderr.
# As root it installs without asking, on a person's terminal it asks before it uses sudo, anywhere else it says what to install.
set -eu
cd "$(dirname "$0")/.."
PATH=$PATH:/usr/local/sbin:/usr/sbin:/sbin # Debian keeps mosquitto there, outside the PATH of most users

say() { printf 'set-up: %s\n' "$*" >&2; }
stop() { # what is wrong, what to do
  printf 'set-up: %s.\n        %s\n' "$1" "$2" >&2
  exit 1
}
has() { command -v "$1" >/dev/null 2>&1; }

can_write() { # folders that we are about to write into, where they exist
  for folder in "$@"; do
    if [ -e "$folder" ] && ! [ -w "$folder" ]; then
      stop "$(id -un) may not write to '$folder' in $PWD" "If root made it: sudo chown -R $(id -un) '$PWD'"
    fi
  done
}

check_node() {
  cure='Install Node 20.19 or newer with npm: Debian 13 has it (apt install nodejs npm); elsewhere use nvm (nvm install 22) or a package of nodejs.org.'
  has node || stop 'Node.js was not found, and Lookout runs on it' "$cure"
  has npm || stop 'npm was not found, and Lookout needs it to install its packages' "$cure"
  version=$(node -p process.versions.node)
  major=${version%%.*}
  rest=${version#*.}
  minor=${rest%%.*}
  if [ "$major" -lt 20 ] || { [ "$major" -eq 20 ] && [ "$minor" -lt 19 ]; }; then
    stop "Lookout needs Node 20.19 or newer, and this is $version" "$cure"
  fi
}

installed() { # Debian's package is there, whatever its version
  [ "$(dpkg-query -W -f='${db:Status-Status}' "$1" 2>/dev/null)" = installed ]
}

# Ubuntu and older Raspberry Pi OS call the browser chromium-browser.
chromium_package() {
  if has apt-cache && [ -z "$(apt-cache --quiet=2 show chromium 2>/dev/null)" ] &&
    [ -n "$(apt-cache --quiet=2 show chromium-browser 2>/dev/null)" ]; then
    echo chromium-browser
  else
    echo chromium
  fi
}

missing_packages() {
  { has ffmpeg && has ffprobe; } || echo ffmpeg
  [ "$1" = test ] || return 0
  has mosquitto || echo mosquitto
  { has mosquitto_pub && has mosquitto_sub; } || echo mosquitto-clients
  has chromium || has chromium-browser || chromium_package
  has pgrep || echo procps
  has dpkg-query || return 0
  # an RTSP camera out of a file, letters for the browser’s screenshots, a clock that jumps
  for package in python3-gi gir1.2-gst-rtsp-server-1.0 gstreamer1.0-plugins-base gstreamer1.0-plugins-good \
    gstreamer1.0-plugins-bad fonts-dejavu-core faketime; do
    installed "$package" || echo "$package"
  done
}

apt() { # with what to get root's rights: nothing, or sudo
  printed=$($1 apt-get update -qq 2>&1) || say "the package lists could not be refreshed, trying with the old ones: $printed"
  # shellcheck disable=SC2086 # a list of names
  printed=$($1 env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $packages 2>&1) || {
    printf '%s\n' "$printed" >&2
    stop "apt-get could not install $packages" 'See its message above; once they are installed, run this again.'
  }
  case " $packages " in *' mosquitto '*) quiet_mosquitto "$1" ;; esac
}

# Debian's package starts a broker on port 1883 at once and at every boot. Tests start their own on free ports, and
# Lookout brings one along, so the service that came with our installation does not stay.
quiet_mosquitto() {
  if [ -d /run/systemd/system ] && has systemctl; then
    $1 systemctl disable --now mosquitto.service >/dev/null 2>&1 || return 0
  elif [ -x /etc/init.d/mosquitto ]; then
    $1 /etc/init.d/mosquitto stop >/dev/null 2>&1 || true
    $1 update-rc.d mosquitto disable >/dev/null 2>&1 || return 0
  else
    return 0
  fi
  say "the mosquitto service that its package starts was stopped and disabled (to have it: systemctl enable --now mosquitto)"
}

install_packages() { # names of Debian packages, one a line
  packages=$(printf '%s' "$1" | tr '\n' ' ')
  packages=${packages% }
  [ -n "$packages" ] || return 0
  by_hand="sudo apt-get install $packages"
  if ! has apt-get; then
    stop "this machine lacks $packages, and there is no apt-get to install them with" \
      "ffmpeg: brew install ffmpeg | dnf install ffmpeg-free | pacman -S ffmpeg. The others are named alike there."
  elif [ "$(id -u)" -eq 0 ]; then
    say "installing Debian packages, this can take a minute: $packages"
    apt ''
  elif ! has sudo; then
    stop "this machine lacks $packages, and there is no sudo to install them with" "As root: apt-get install $packages"
  elif ! { [ -t 0 ] && [ -t 2 ]; }; then
    stop "this machine lacks $packages, and there is no terminal to ask on" "Run: $by_hand"
  else
    say "these Debian packages are missing: $packages"
    printf 'set-up: install them now with sudo apt-get install? [Y/n] ' >&2
    read -r answer || answer=n
    case $answer in
      '' | y | Y | yes | Yes) apt sudo ;;
      *) stop "nothing was installed, and Lookout needs $packages" "Run: $by_hand" ;;
    esac
  fi
}

sqlite_runs() { node -e "new (require('better-sqlite3'))(':memory:')" 2>/dev/null; }

rebuild_sqlite() { npm rebuild better-sqlite3 --ignore-scripts=false --loglevel=error >&2 && sqlite_runs; }

missing_compiler() {
  has g++ || echo g++
  has make || echo make
  has python3 || echo python3
}

# Its ready-made binary is fetched where that can be reached, else it is compiled: about a minute. Node's own headers are
# taken from beside Node, where its packages put them, so that nothing more has to be fetched.
build_sqlite() {
  prefix=$(node -p "require('path').resolve(process.execPath, '../..')")
  if [ -f "$prefix/include/node/node.h" ]; then
    npm_config_nodedir=$prefix
    export npm_config_nodedir
  fi
  say 'preparing SQLite (npm rebuild better-sqlite3; a minute where it has to be compiled)'
  rebuild_sqlite && return 0
  install_packages "$(missing_compiler)"
  rebuild_sqlite ||
    stop 'SQLite could not be built' 'See the message above: often the network or a proxy (npm config set proxy …), or Node without its headers.'
}

# Up to date: npm itself finished after the lock file was written.
npm_is_current() { [ node_modules/.package-lock.json -nt package-lock.json ]; }

# Our stamp carries the lock file's checksum.
install_npm() {
  sum=$(cksum <package-lock.json)
  [ "$(cat node_modules/.lookout-setup 2>/dev/null)" != "$sum" ] || return 0
  can_write . node_modules
  if ! npm_is_current; then
    say 'installing npm packages (npm ci)'
    npm ci --loglevel=error >&2 || stop 'npm ci failed' 'See its message above: often the network or a proxy (npm config set proxy …).'
  fi
  node -e "require('onnxruntime-node')" 2>/dev/null ||
    stop "onnxruntime does not run on $(node -p 'process.platform + "-" + process.arch')" \
      'It needs 64-bit Linux with glibc (x64 or arm64), macOS or Windows; on a Raspberry Pi install the 64-bit system.'
  sqlite_runs || build_sqlite
  echo "$sum" >node_modules/.lookout-setup
}

# A folder's own time changes when a file in it is added or removed, so that is seen too.
build() {
  if [ -f dist/.built ]; then
    newer=$(find src ffmpeg web package.json package-lock.json tsconfig.json tsconfig.build.json -newer dist/.built | head -n 1)
    [ -n "$newer" ] || return 0
  fi
  can_write . dist
  say 'building (npm run build)'
  mkdir -p dist
  touch dist/.building
  npm run --silent build >&2 || stop 'the build failed' 'See its message above.'
  mv dist/.building dist/.built
}

case ${1:-} in
  run | demo | test) ;;
  *) stop "expected run, demo or test but received '${1:-}'" 'Usage: sh scripts/setup.sh run|demo|test' ;;
esac
check_node
install_packages "$(missing_packages "$1")"
install_npm
build
