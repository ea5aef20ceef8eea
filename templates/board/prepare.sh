# Makes the folder where Tilewright keeps things on a board and tells about it, as lines "KEY VALUE". folder.sh comes before it.
#
#   sh -s -- [FOLDER] <prepare.sh
#
#   refused WHY     the folder cannot be made or is not this account's alone
#   folder PATH     where it is: FOLDER below the one a login starts in, or .cache/tilewright there
#   sums COMMAND    what prints checksums of its input here: sha256 in hex, or cksum's numbers; absent: nothing does
#   upload NAME     an upload that has begun; run NAME: a run's folder
name_folder "$1"
umask 077
refuse() {
  echo "refused $1"
  exit 0
}
said=$(mkdir -p "$folder/runs" 2>&1) || refuse "$said"
said=$(cd "$folder" 2>&1) || refuse "$said"
cd "$folder" || exit 1
# Who else can write there could put another program in the place of ours.
read -r mode links owner group rest <<END
$(ls -ldn .)
END
[ "$owner" = "$(id -u)" ] || refuse "it belongs to another account (uid $owner)"
case $mode in ????????w*) refuse "other accounts can write there (mode $mode)" ;; esac
echo "folder $(pwd -P)"

for sums in sha256sum "busybox sha256sum" "openssl dgst -sha256 -r" cksum; do
  said=$(printf abc | $sums 2>/dev/null)
  case ${said%% *} in
  ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad | 1219131554)
    echo "sums $sums"
    break
    ;;
  esac
done
for name in .new-*; do [ -e "$name" ] && echo "upload $name"; done
cd runs && for name in *; do [ -e "$name" ] && echo "run $name"; done
exit 0
