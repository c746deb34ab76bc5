# Usage: write.sh start | stop. A client that writes numbers as fast as each is acknowledged, finding the primary as libpq does, and notes what was acknowledged and when.
# `stop` prints one line: pg, how many writes were acknowledged, how many of them are gone, and the longest time between two acknowledgements in milliseconds.
set -eu
sql() { timeout 2 psql -XAtq "host=pg-0.pg,pg-1.pg,pg-2.pg user=postgres dbname=postgres target_session_attrs=read-write connect_timeout=1" -c "$1"; }
case $1 in
  start)
    rm -f /tmp/stop
    : >/tmp/acked
    sql "drop table if exists written; create table written (n bigint primary key)"
    setsid sh "$0" write >/dev/null 2>&1 &;;
  write)
    n=0
    while [ ! -e /tmp/stop ]; do
      n=$((n + 1))
      # An answer that got lost may have been a success: the same number again does no harm.
      until sql "insert into written values ($n) on conflict do nothing"; do if [ -e /tmp/stop ]; then exit; fi; done
      echo "$(date +%s%N) $n" >>/tmp/acked
    done;;
  stop)
    touch /tmp/stop
    while pgrep -f "write.sh write" >/dev/null; do sleep 0.1; done
    sql "select n from written" | sort >/tmp/there
    cut -d' ' -f2 /tmp/acked | sort >/tmp/told
    echo "pg $(wc -l </tmp/told) $(comm -23 /tmp/told /tmp/there | wc -l) $(awk 'NR > 1 && $1 - last > most { most = $1 - last } { last = $1 } END { printf "%d", most / 1000000 }' /tmp/acked)";;
esac
