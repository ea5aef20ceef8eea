# Appends standard input to a file and says how much of it there is: a line of bytes, about once a second where it has grown.
#
#   sh append.sh MARK FILE MODE
#
# MARK is a line printed first. Ends with status 3 where the file cannot be written.
mark=$1 file=$2 mode=$3
umask 077
# It is there: where it is not any more its caller has given up, and it is not to be made anew.
[ -e "$file" ] && : >>"$file" || exit 3
echo "$mark"

bytes() {
  wc -c <"$file" | tr -d ' '
}
tell() {
  told=$(bytes)
  # What sleeps on when this is stopped must not hold the caller's channel.
  while sleep 1 >/dev/null 2>&1; do
    now=$(bytes)
    [ "$now" = "$told" ] || echo "$now"
    told=$now
  done
}
tell 2>/dev/null &
teller=$!
[ -e "$file" ] && cat >>"$file"
taken=$?
kill -KILL "$teller" 2>/dev/null
[ "$taken" -eq 0 ] && chmod "$mode" "$file" || exit 3
