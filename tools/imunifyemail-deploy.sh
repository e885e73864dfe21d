#!/bin/bash
# Installs Imunify Email on this server, puts it into Exim and looks whether all of it runs; or removes it.
# Run as root, as often as you like: what is done already stays done, and a newer version is an upgrade.
set -euo pipefail

self=${0##*/}
package=imunify-email
parts=("$package-cli" "$package-dec-node" "$package-quarantine" "$package-rspamd")
units=(rspamd.service ie-release.socket ie-engine.service ie-exim-hook.service ie-license.timer)
settings=/etc/imunifyemail
status_wait_s=120 # Rspamd compiles its patterns when it is first started

usage() {
    cat <<TEXT
usage: $self [--from FOLDER | --repository URL --key FILE] [--no-exim | --license FILE --license-key FILE]
       $self --uninstall [--purge [--yes]]

Installs Imunify Email, starts its services, puts the filter into Exim ('ie-config enable') and verifies that
all of it runs ('ie-config status').

  --from FOLDER       install the packages in this folder (.deb or .rpm)
  --repository URL    set up this repository first: for apt a flat or a suite's folder, for dnf a base URL
  --key FILE          the public key that signs the repository
  --license FILE      do what this license says, and look for a new one twice a day ('ie-config update-license');
                      its signature is in FILE.sig
  --license-key FILE  the public key of the license's issuer
  --no-exim           leave Exim alone; 'ie-config enable' puts the filter into it later
  --uninstall         take the filter out of Exim, stop the services and remove the packages; held mail stays
  --purge             with --uninstall: delete held mail, settings and statistics, too; asks before
  --yes               with --purge: don't ask
  -h, --help          this text

Without --from and --repository the packages come from the repositories that are set up already.
TEXT
}

fail() {
    echo "$self: $*" >&2
    exit 1
}

wrong_usage() {
    echo "$self: $*; see $self --help" >&2
    exit 2
}

say() { echo "== $*"; }

# What this server installs packages with: apt or dnf.
find_manager() {
    if command -v apt-get >/dev/null; then
        manager=apt
    elif command -v dnf >/dev/null; then
        manager=dnf
    elif command -v yum >/dev/null; then
        manager=yum
    else
        fail "neither apt-get nor dnf nor yum is here; this server isn't supported"
    fi
}

add_repository() {
    [[ -r $key ]] || fail "$key can't be read; --key names the file with the repository's public key"
    if [[ $manager == apt ]]; then
        install -D -m 644 "$key" /etc/apt/keyrings/imunifyemail.asc
        echo "deb [signed-by=/etc/apt/keyrings/imunifyemail.asc] $repository ./" \
            >/etc/apt/sources.list.d/imunifyemail.list
        apt-get update -q
    else
        install -D -m 644 "$key" /etc/pki/rpm-gpg/RPM-GPG-KEY-imunifyemail
        cat >/etc/yum.repos.d/imunifyemail.repo <<TEXT
[imunifyemail]
name=Imunify Email
baseurl=$repository
enabled=1
gpgcheck=1
gpgkey=file:///etc/pki/rpm-gpg/RPM-GPG-KEY-imunifyemail
TEXT
    fi
}

# The one file of each package in the folder.
packages_in() {
    local folder name found
    shopt -s nullglob
    folder=$(cd "$1" && pwd) || fail "$1 isn't a folder"
    files=()
    for name in "$package" "${parts[@]}"; do
        if [[ $manager == apt ]]; then
            found=("$folder/${name}"_*.deb)
        else
            found=("$folder/$name"-[0-9]*.rpm)
        fi
        [[ ${#found[@]} -eq 1 ]] || fail "$folder must have one file of $name, and has ${#found[@]}"
        files+=("${found[0]}")
    done
}

install_packages() {
    local -a what=("$package")
    if [[ -n $from ]]; then
        packages_in "$from"
        what=("${files[@]}")
    fi
    case $manager in
        apt) DEBIAN_FRONTEND=noninteractive apt-get install -y -q -o Dpkg::Options::=--force-confold "${what[@]}" ;;
        *) "$manager" install -y "${what[@]}" ;;
    esac || fail "the packages weren't installed; what is wrong stands above"
}

start_services() {
    [[ -d /run/systemd/system ]] ||
        fail "systemd doesn't run here; start ${units[*]} by hand, then 'ie-config enable'"
    systemctl enable --quiet --now "${units[@]}" ||
        fail "a service doesn't start; 'ie-config status' says which and what to do"
}

verify() {
    local until=$((SECONDS + status_wait_s)) wanted=()
    [[ $exim == yes ]] || wanted=(ie-engine ie-quarantine ie-release ie-exim-hook rspamd)
    while ! ie-config status ${wanted[@]+"${wanted[@]}"} >/dev/null 2>&1; do
        if ((SECONDS >= until)); then
            ie-config status ${wanted[@]+"${wanted[@]}"} || true
            fail "installed, but not all of it runs; see above"
        fi
        sleep 1
    done
    ie-config status ${wanted[@]+"${wanted[@]}"}
}

# Each whole: the timer may look at any moment, and takes none whose signature is another's.
put_license() {
    local name
    install -m 644 "$license_key" "$settings/license.pub.new"
    install -m 644 "$license.sig" "$settings/license.json.sig.new"
    install -m 644 "$license" "$settings/license.json.new"
    for name in license.pub license.json.sig license.json; do
        mv "$settings/$name.new" "$settings/$name"
    done
}

# False where the license has decided against this server.
apply_license() {
    local said
    said=$(ie-config update-license) ||
        fail "installed, but the license isn't in force; mend what stands above and run it again"
    echo "$said"
    [[ ${said##*$'\n'} == enabled* ]] && return
    say "Imunify Email is installed and doesn't run: its license says so"
    return 1
}

deploy() {
    find_manager
    [[ $exim == yes || ! -e $settings/license.json ]] ||
        fail "$settings/license.json decides whether the filter is in Exim; leave --no-exim out"
    if [[ -n $license ]]; then
        for file in "$license" "$license.sig" "$license_key"; do
            [[ -r $file ]] || fail "$file can't be read"
        done
    fi
    if [[ -n $repository ]]; then
        say "setting up the repository"
        add_repository
    fi
    say "installing"
    install_packages
    [[ -z $license ]] || put_license
    if [[ -e $settings/license.json ]]; then
        say "applying the license"
        apply_license || return 0
    fi
    say "starting the services"
    start_services
    if [[ $exim == yes ]]; then
        say "putting the filter into Exim"
        ie-config enable || fail "installed, but Exim is unchanged; mend what stands above, then 'ie-config enable'"
    fi
    say "verifying"
    verify
    say "Imunify Email $(ie-config version) runs"
}

confirm_purge() {
    [[ $purge == no || $yes == yes ]] && return
    [[ -t 0 ]] || wrong_usage "--purge deletes held mail and asks before; where nobody can answer, add --yes"
    read -r -p "Delete held mail, settings and statistics in /var/imunifyemail for good? [y/N] " answer
    [[ $answer == [yY]* ]] || fail "nothing was removed"
}

# What is there of them: apt doesn't know those that came from a folder and are gone.
remove_packages() {
    local -a known=()
    local name
    for name in "$package" "${parts[@]}"; do
        if [[ $manager == apt ]]; then
            dpkg-query -W "$name" &>/dev/null && known+=("$name")
        else
            rpm -q "$name" &>/dev/null && known+=("$name")
        fi
    done
    [[ ${#known[@]} -gt 0 ]] || return 0
    case $manager in
        apt)
            DEBIAN_FRONTEND=noninteractive apt-get \
                "$([[ $purge == yes ]] && echo purge || echo remove)" -y -q "${known[@]}"
            ;;
        *) "$manager" remove -y "${known[@]}" ;;
    esac
}

uninstall() {
    find_manager
    confirm_purge
    if command -v ie-config >/dev/null; then
        say "taking the filter out of Exim"
        ie-config disable || fail "the filter is still in Exim, so nothing was removed; mend what stands above"
    fi
    say "removing the packages"
    remove_packages || fail "the packages weren't removed; what is wrong stands above"
    if [[ $purge == yes ]]; then
        rm -rf /var/imunifyemail /var/lib/imunifyemail
    elif [[ -d /var/imunifyemail ]]; then
        say "held mail, settings and statistics are still in /var/imunifyemail"
    fi
    say "Imunify Email is removed"
}

from='' repository='' key='' license='' license_key='' exim=yes action=deploy purge=no yes=no
while [[ $# -gt 0 ]]; do
    case $1 in
        -h | --help) usage; exit 0 ;;
        --from | --repository | --key | --license | --license-key)
            [[ $# -ge 2 ]] || wrong_usage "$1 needs a value"
            name=${1#--}
            declare "${name//-/_}=$2"
            shift
            ;;
        --no-exim) exim=no ;;
        --uninstall) action=uninstall ;;
        --purge) purge=yes ;;
        --yes) yes=yes ;;
        *) wrong_usage "'$1' isn't known" ;;
    esac
    shift
done
[[ -z $from || -z $repository ]] || wrong_usage "--from and --repository exclude each other"
[[ -z $repository || -n $key ]] || wrong_usage "--repository needs --key"
[[ -n $license || -z $license_key ]] || wrong_usage "--license-key goes with --license"
[[ -z $license || -n $license_key ]] || wrong_usage "--license needs --license-key"
[[ -z $license || $exim == yes ]] || wrong_usage "--license and --no-exim exclude each other"
[[ $purge == no || $action == uninstall ]] || wrong_usage "--purge goes with --uninstall"
[[ $(id -u) -eq 0 ]] || fail "run as root"
"$action"
