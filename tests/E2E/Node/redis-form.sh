# Makes one Redis Cluster of nine empty servers; runs in one of the Pods. The member with the highest ordinal leads its shard, so that the native order (highest first) would take every leader first.
set -eu
address() { getent hosts "orders-$1.orders" | cut -d' ' -f1; }
wait_for() { # WHAT COMMAND...: until it succeeds, a minute at most
  what=$1; shift
  for _ in $(seq 120); do if "$@" >/dev/null 2>&1; then return 0; fi; sleep 0.5; done
  echo "never came true: $what" >&2; exit 1
}
all_know() { for m in a-0 a-1 a-2 b-0 b-1 b-2 c-0 c-1 c-2; do [ "$(redis-cli -h "$(address $m)" cluster info | tr -d '\r' | sed -n 's/^cluster_known_nodes://p')" = "$1" ] || return 1; done; }
linked() { redis-cli -h "$(address "$1")" info replication | grep -q '^master_link_status:up'; }
redis-cli --cluster create "$(address a-2):6379" "$(address b-2):6379" "$(address c-2):6379" --cluster-yes >/dev/null
for m in a-0 a-1 b-0 b-1 c-0 c-1; do redis-cli -h "$(address $m)" cluster meet "$(address a-2)" 6379 >/dev/null; done
wait_for "all members know nine" all_know 9
for m in a-0 a-1 b-0 b-1 c-0 c-1; do
  leader=$(redis-cli -h "$(address "${m%-*}-2")" cluster myid)
  wait_for "$m follows its leader" redis-cli -e -h "$(address $m)" cluster replicate "$leader"
done
for m in a-0 a-1 b-0 b-1 c-0 c-1; do wait_for "$m is linked" linked $m; done
redis-cli cluster info | tr -d '\r' | grep '^cluster_state'
