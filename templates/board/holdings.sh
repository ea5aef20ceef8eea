# Tells what Tilewright keeps on a board and who has the machine, and changes nothing. folder.sh and lock.sh come before it.
#
#   sh -s -- [FOLDER] <holdings.sh
#
#   folder PATH         where things are kept; absent: nothing is
#   disk KIB            free there, or where a login starts
#   file KIB NAME       a copy, or an upload that has begun; run KIB NAME: the folder of a run
#   old NAME            of those that nobody has touched for two days
#   lock SECONDS HOLDER the machine is in use; stale N: locks that nobody needs any more
name_folder "$1"
if [ -d "$lock_folder" ]; then
  (
    enter_lock_folder || exit
    read_lock
    held && echo "lock $(describe_holder)"
    stale=0
    for link in lock.*; do
      number=${link#lock.} && number=${number%.program}
      case $number in '' | 0* | *[!0-9]* | ??????????*) continue ;; esac
      [ "$number" -lt $((top - 1)) ] && stale=$((stale + 1))
    done
    echo "stale $stale"
  )
fi
there=''
[ -d "$folder" ] && cd "$folder" && there=$(pwd -P) && echo "folder $there"
set -- $(df -P -k . 2>/dev/null | tail -n 1)
[ $# -ge 4 ] && echo "disk $4"
[ -n "$there" ] && [ -d runs ] || exit 0
# One line a file: the fifth column is its size, the last its name.
while read -r mode links owner group size rest; do
  case $mode in -*) echo "file $(((size + 1023) / 1024)) ${rest##* }" ;; esac
done <<END
$(ls -Aln)
END
for name in runs/*; do
  [ -d "$name" ] || continue
  set -- $(du -sk "$name" 2>/dev/null)
  echo "run ${1:-0} ${name#runs/}"
done
{ find . -mindepth 1 -maxdepth 1 -mtime +1 && find runs -mindepth 1 -maxdepth 1 -mtime +1; } 2>/dev/null |
  while read -r name; do echo "old ${name##*/}"; done
exit 0
