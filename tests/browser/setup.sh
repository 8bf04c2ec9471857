#!/bin/sh
# Make sure that a Chromium, Japanese glyphs and nginx are there for the browser tests. $1: the Python to use.
set -eu
root() { [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; }
find_browser() {
  for name in chromium chromium-browser google-chrome google-chrome-stable chrome; do
    command -v "$name" >/dev/null && return 0
  done
  return 1
}
if ! find_browser; then
  if root; then
    apt-get update -qq
    apt-get install -y -qq --no-install-recommends chromium >/dev/null
  else
    "$1" -m playwright install --with-deps chromium-headless-shell || "$1" -m playwright install chromium-headless-shell
  fi
fi
if root && ! fc-list 2>/dev/null | grep -qi cjk; then
  apt-get update -qq
  apt-get install -y -qq --no-install-recommends fonts-noto-cjk fonts-noto-color-emoji fontconfig >/dev/null
fi
if root && ! command -v nginx >/dev/null; then
  apt-get update -qq
  apt-get install -y -qq --no-install-recommends nginx-light >/dev/null
fi
