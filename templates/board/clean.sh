# Removes what Tilewright keeps on a board. lock.sh comes before it.
#
#   sh -s -- FOLDER CALLER LEFT... -- KEPT... <clean.sh
#
# LEFT   names, below FOLDER, of what nobody needs any more; CALLER  who asks, shown to others while the machine is locked
# KEPT   of what a program may need: these go with the machine's lock taken, and not while somebody else has it
#
# Prints "removed NAME" of each; "busy SECONDS HOLDER" or "no lock" where KEPT stay. Old locks go as a new one is taken.
cd "$1" || exit 1
here=$(pwd -P) caller=$2
shift 2
remove() {
  rm -rf -- "./$1" && echo "removed $1"
}
while [ $# -gt 0 ] && [ "$1" != -- ]; do
  remove "$1"
  shift
done
[ $# -gt 0 ] && shift
enter_lock_folder || { echo "no lock" && exit 0; }
while :; do
  read_lock
  held && echo "busy $(describe_holder)" && exit 0
  next_lock "$(identity $$ "$caller")" && break
  [ $? = 2 ] && echo "no lock" && exit 0
done
cd "$here" || exit 1
for name; do remove "$name"; done
exit 0
