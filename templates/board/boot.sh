# Checks a script's content before it runs it:  sh -c BOOT tilewright SCRIPT SUMS SUM [ARGUMENT...]
# SUMS is the command that prints checksums here and SUM what it prints of the right script; no command: nothing is checked.
# Ends with status 76 when it is another one. One line, as every login shell can hand on.
s=$($2 <"$1" 2>/dev/null); [ -z "$2" ] || [ "${s%% *}" = "$3" ] || exit 76; s=$1; shift 3; exec sh "$s" "$@"
