# Usage: write.sh start | stop. For every shard a client that writes numbered values as fast as it is answered, follows redirections as clients do, and notes what was acknowledged and when.
# `stop` prints a line for each shard: its letter, how many writes were acknowledged, how many of them are gone, and the longest time between two acknowledgements in milliseconds.
set -eu
address() { getent hosts "orders-$1.orders" | cut -d' ' -f1; }
tag_of() { # SHARD: a hash tag in its slots
  slots=$(case $1 in a) echo 0 5460;; b) echo 5461 10922;; c) echo 10923 16383;; esac); i=0
  while :; do
    i=$((i + 1)); slot=$(redis-cli -h "$(address a-0)" cluster keyslot "{t$i}")
    if [ "$slot" -ge "${slots% *}" ] && [ "$slot" -le "${slots#* }" ]; then echo "t$i"; return; fi
  done
}
write() { # SHARD
  at=$(address "$1-0") n=0 next=0
  while [ ! -e /tmp/stop ]; do
    n=$((n + 1))
    while [ ! -e /tmp/stop ]; do
      said=$(timeout 1 redis-cli -h "$at" set "{$(cat "/tmp/$1.tag")}:$n" $n 2>&1 || true)
      case $said in
        OK) echo "$(date +%s%N) $n" >>"/tmp/$1.acked"; break;;
        MOVED*) at=${said##* }; at=${at%:*};;
        *) next=$(((next + 1) % 3)); at=$(address "$1-$next" || echo 127.0.0.1);;
      esac
    done
  done
}
case $1 in
  start)
    rm -f /tmp/stop /tmp/?.acked
    for s in a b c; do tag_of $s >/tmp/$s.tag; done
    for s in a b c; do : >/tmp/$s.acked; setsid sh "$0" write $s >/dev/null 2>&1 & done;;
  write) write "$2";;
  stop)
    # A pause ends with the next acknowledgement: without it a shard that is down when the client stops would look like one that never was.
    for s in a b c; do
      had=$(wc -l </tmp/$s.acked) tries=0
      while [ "$(wc -l </tmp/$s.acked)" -le "$had" ] && [ $tries -lt 600 ]; do tries=$((tries + 1)); sleep 0.1; done
    done
    touch /tmp/stop
    while pgrep -f "write.sh write" >/dev/null; do sleep 0.1; done
    for s in a b c; do
      leader=; for m in 0 1 2; do if redis-cli -h "$(address $s-$m)" role | grep -qx master; then leader=$(address $s-$m); fi; done
      sed "s/.* \(.*\)/get {$(cat /tmp/$s.tag)}:\1/" /tmp/$s.acked | redis-cli -h "$leader" >/tmp/$s.read
      cut -d' ' -f2 /tmp/$s.acked | paste - /tmp/$s.read | awk '$1 != $2 { lost++ } END { printf "%d %d ", NR, lost }' >/tmp/$s.counts
      echo "$s $(cat /tmp/$s.counts)$(awk 'NR > 1 && $1 - last > most { most = $1 - last } { last = $1 } END { printf "%d", most / 1000000 }' /tmp/$s.acked)"
    done;;
esac
