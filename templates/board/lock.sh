# Functions of the machine's lock, put before the scripts that need them. Whoever holds it has the machine for itself,
# whatever account it comes from.
#
# A lock is a symbolic link lock.N in a folder that all accounts may write; its target names the process that holds it:
# PID:BEGAN:BOOT:SINCE:CALLER. The highest N counts, and it is held for as long as that process lives, or the program that
# lock.N.program names. So nothing has to be released, and what a crash, a kill or a power cut leaves never stands in the way.
# To take the lock is to make the next link, which only one can; a lock that may be held is never removed by anybody.
lock_folder=${TILEWRIGHT_LOCK:-/tmp/tilewright}
# Android has no /tmp.
[ -d "${lock_folder%/*}/" ] || lock_folder=/data/local/tmp/tilewright-lock
# Of what the shell can do by itself no process is started: each costs a slow board milliseconds, and every run pays.
{ read -r boot </proc/sys/kernel/random/boot_id; } 2>/dev/null || boot=''

# Makes the folder where it is missing and goes there. Nobody can put a link to another place under its name.
enter_lock_folder() {
  name=${lock_folder##*/}
  cd -P "${lock_folder%/*}/" 2>/dev/null && parent=$PWD || return 1
  [ -d "$name" ] || mkdir -m 0777 "$name" 2>/dev/null
  cd -P "$name" 2>/dev/null && [ "$PWD" = "${parent%/}/$name" ]
}

# Sets `ticks`, when process $1 began, since boot, and `state`, what it does (proc(5), fields 22 and 3); to nothing where
# that cannot be read.
began() {
  ticks='' state=''
  { read -r stat <"/proc/$1/stat"; } 2>/dev/null || return 0
  set -- ${stat##*) }
  state=$1 ticks=${20}
}

# What names the process $1 of CALLER $2 in a lock, since now or $3.
identity() {
  began "$1"
  echo "$1:$ticks:$boot:${3:-$(date +%s)}:$2"
}

# Whether the process that $1 names still runs. Of another account's kill only says that it is not permitted.
alive() {
  pid=${1%%:*} rest=${1#*:}
  start=${rest%%:*} rest=${rest#*:}
  case $pid in '' | 0* | *[!0-9]*) return 1 ;; esac
  [ "${rest%%:*}" = "$boot" ] || return 1
  said=$(LC_ALL=C kill -0 "$pid" 2>&1) || case $said in *ermitted*) ;; *) return 1 ;; esac
  began "$pid"
  # It has ended, and who started it, or the init of a container, has not asked how.
  [ "$state" = Z ] && return 1
  [ -z "$ticks" ] || [ "$ticks" = "$start" ]
}

# Sets `top`, the number of the lock that counts, 0 if there is none, and `holder`, what it says.
read_lock() {
  top=0
  for link in lock.*; do
    number=${link#lock.}
    case $number in '' | 0* | *[!0-9]* | ??????????*) continue ;; esac
    [ "$number" -gt "$top" ] && top=$number
  done
  holder=$(readlink "lock.$top" 2>/dev/null)
}

# Whether the lock of `read_lock` is held.
held() {
  [ "$top" -gt 0 ] && { alive "$holder" || alive "$(readlink "lock.$top.program" 2>/dev/null)"; }
}

# Who `holder` is and since when: "SECONDS CALLER".
describe_holder() {
  rest=${holder#*:*:*:}
  since=${rest%%:*}
  case $since in '' | *[!0-9]*) since=$(date +%s) ;; esac
  echo "$(($(date +%s) - since)) ${rest#*:}"
}

# Makes the next lock for $1 and sets `mine`, its number. 1: somebody was quicker; 2: none can be made.
next_lock() {
  mine=$((top + 1))
  ln -s "$1" "lock.$mine" 2>/dev/null
  read_lock
  if [ "$top" != "$mine" ] || [ "$holder" != "$1" ]; then
    # Who was slow may have made one that was long done with.
    [ "$(readlink "lock.$mine" 2>/dev/null)" = "$1" ] && rm -f "lock.$mine" && return 1
    [ -L "lock.$mine" ] || [ "$top" -gt "$mine" ] && return 1
    return 2
  fi
  # The one before stays: who looked before this one was made finds its next number taken.
  old=''
  for link in lock.*; do
    number=${link#lock.} && number=${number%.program}
    case $number in '' | 0* | *[!0-9]* | ??????????*) continue ;; esac
    [ "$number" -lt $((mine - 1)) ] && old="$old $link"
  done
  # Names of numbers and nothing else.
  [ -z "$old" ] || rm -f $old
  return 0
}
