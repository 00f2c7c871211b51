# Debian's and Ubuntu's packages that the tests and the sites need, and how they are installed: for tests/run and
# tests/sites/install, which read this file.

export PATH="$PATH:/usr/sbin:/sbin" # nginx, mariadbd

has() { command -v "$1" >/dev/null 2>&1; }

is_ubuntu() { grep -qs '^ID=ubuntu' /etc/os-release; }

# The packages of the servers that are missing, one a line; as for all that follow.
list_servers() {
    has nginx || echo nginx-light
    has mariadbd && has mariadb && has mariadb-install-db || printf '%s\n' mariadb-server mariadb-client
    compgen -G '/usr/lib/postgresql/*/bin/initdb' >/dev/null || echo postgresql
}

list_for_sites() {
    list_servers
    python3 -c 'import ensurepip, venv' 2>/dev/null || echo python3-venv
    has redis-server || echo redis-server
    has openssl || echo openssl
    has node || echo nodejs
    has npm || echo npm
}

# What `tests/run --fast` needs.
list_for_tests() {
    local browser=(chromium chromium-headless-shell chromium-sandbox fonts-liberation) driver=chromium-driver
    if is_ubuntu; then
        browser=(chromium-browser) driver=chromium-chromedriver
    fi
    has cc || printf '%s\n' gcc libc6-dev
    has chromium-headless-shell || has chromium-browser || has google-chrome || has google-chrome-stable ||
        printf '%s\n' "${browser[@]}"
    has chromedriver || echo "$driver"
    has firefox-esr || has firefox || is_ubuntu || echo firefox-esr
    list_servers
    has sqlite3 || echo sqlite3
    has curl || printf '%s\n' curl ca-certificates
    has xmllint || echo libxml2-utils
    has ps || echo procps
}

list_for_all_tests() {
    list_for_tests
    list_for_sites
    has java || echo default-jre-headless
    has Xvfb || echo xvfb
    has xwininfo || echo x11-utils
    has script || echo bsdutils
}

# Installs packages: install_packages LOG PACKAGE...
install_packages() {
    local log=$1 root=()
    shift
    if (($# == 0)); then
        echo "all packages are here"
        return
    fi
    has apt-get || { echo "these are missing, and there is no apt-get to get them: $*" >&2; return 1; }
    if is_ubuntu && [[ $* == *chromium* ]] && ! has snap; then
        echo "Ubuntu has Chromium as a snap only, and there is no snap here:" \
            "put chromium (or google-chrome) and chromedriver of the same version into PATH" >&2
        return 1
    fi
    if ((EUID != 0)); then
        has sudo || { echo "root is needed, or sudo, to run: apt-get install $*" >&2; return 1; }
        root=(sudo)
    fi
    echo "apt-get install $*"
    local apt=(${root[@]+"${root[@]}"} env DEBIAN_FRONTEND=noninteractive apt-get -q -o DPkg::Lock::Timeout=120)
    "${apt[@]}" update >"$log" 2>&1 &&
        "${apt[@]}" install -y --no-install-recommends "$@" >>"$log" 2>&1 ||
        { tail -n 30 "$log" >&2; echo "apt-get could not install: $*" >&2; return 1; }
}
