# Owns one mongod, so that it cannot outlive whoever asked for it.
#
#   sh guard.sh <folder> <mongod> <arguments…>
#
# Orders come as lines on standard input and are answered by a line each. That pipe is also the sign
# of life of the other end: when it closes, for whatever reason, the mongod is killed and the folder
# removed. Nobody else waits for the mongod, so its process id stays ours until it is waited for here.
trap '' HUP INT TERM PIPE
folder=$1
shift
mkdir -m 700 -- "$folder" || exit 1
echo ready
pid=
while read -r order; do
  case $order in
    START)
      "$@" </dev/null >>"$folder/output" 2>&1 &
      pid=$!
      echo "$pid"
      ;;
    KILL)
      if [ -n "$pid" ]; then
        kill -KILL "$pid"
        wait "$pid"
        pid=
      fi
      echo killed
      ;;
    STOP | CONT)
      if [ -n "$pid" ] && kill -"$order" "$pid"; then echo done; else echo none; fi
      ;;
  esac
done
if [ -n "$pid" ]; then
  kill -KILL "$pid"
  wait "$pid"
fi
rm -rf -- "$folder"
