# Checks a script's content before it runs it:  sh -c BOOT tilewright SCRIPT SUMS SUM [ARGUMENT...]
# SUMS is the command that prints checksums here and SUM what it prints of the right script; no command: nothing is checked.
# Ends with status 76 when it is another one.
said=$($2 <"$1" 2>/dev/null)
[ -z "$2" ] || [ "${said%% *}" = "$3" ] || exit 76
script=$1
shift 3
exec sh "$script" "$@"
