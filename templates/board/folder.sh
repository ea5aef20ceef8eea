# Put before the scripts that need it: where Tilewright keeps things on a board, of the folder $1 that a user names, relative to
# the one a login starts in; .cache/tilewright there where none is named.
name_folder() {
  folder=$1
  case $folder in
  '') folder=.cache/tilewright ;;
  '~/'*) folder=./${folder#'~/'} ;;
  /*) ;;
  *) folder=./$folder ;;
  esac
}
