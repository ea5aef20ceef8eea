# Makes room for one more file among the copies that Tilewright keeps on a board, removing the oldest first.
#
#   sh -s -- FOLDER LIMIT NAME <room.sh
#
# LIMIT  most KiB that all copies and uploads may take together; NAME  of the upload to come, .new-KIB-ANYTHING
#
# Makes NAME, empty, and prints "room", or removes NAME again and prints "full". An upload counts as large as its
# name says from its first moment, so that those who begin at the same time see each other.
limit=$2 mine=$3
trap '' PIPE
cd "$1" && : >"$mine" || exit 1
total=0 copies=''
# One line a file, oldest first: the fifth column is its size, the last its name.
while read -r mode links owner group size rest; do
  name=${rest##* }
  case $name in
  .new-*) kib=${name#.new-} && kib=${kib%%-*} ;;
  *[!0-9a-f]*) continue ;;
  *) [ ${#name} = 64 ] || continue
    kib=$(((size + 1023) / 1024))
    copies="$copies $name:$kib" ;;
  esac
  case $kib in '' | *[!0-9]*) continue ;; esac
  total=$((total + kib))
done <<END
$(ls -Alnrt)
END
for copy in $copies; do
  [ "$total" -gt "$limit" ] || break
  rm -f "${copy%:*}" && total=$((total - ${copy#*:}))
done
if [ "$total" -gt "$limit" ]; then
  rm -f "$mine"
  echo full
else
  # Who has gone meanwhile sends nothing.
  echo room 2>/dev/null || rm -f "$mine"
fi
