#!/usr/bin/env bash
# A real Slurm on this machine alone, for tests and for trying things out; no systemd, no munge, no other host.
#
#   scripts/local-slurm.sh start FOLDER [NODES]   starts it, its files in FOLDER; prints what to put into the environment
#   scripts/local-slurm.sh stop FOLDER
#
# It needs Debian's slurmctld, slurmd and slurm-client (scripts/system-packages.sh), and root, as slurmd does.
set -euo pipefail

what=${1:?start or stop}
folder=$(mkdir -p "${2:?a folder for its files}" && cd "$2" && pwd)
nodes=${3:-2}
export SLURM_CONF=$folder/slurm.conf

stop() {
    for file in "$folder"/run/*.pid; do
        [ -e "$file" ] || continue
        kill "$(cat "$file")" 2> /dev/null || true
        rm -f "$file"
    done
}

if [ "$what" = stop ]; then
    stop
    exit 0
fi

for command in slurmctld slurmd sinfo; do
    command -v "$command" > /dev/null || { echo "$command is not installed" >&2; exit 1; }
done
[ "$(id -u)" = 0 ] || { echo "slurmd needs root" >&2; exit 1; }

rm -rf "$folder/run" "$folder/state" "$folder/spool"
mkdir -p "$folder/run" "$folder/state" "$folder/spool" "$folder/log"
host=$(hostname -s)
# Ports of its own, so that several can be started beside each other.
port=$((20000 + $$ % 20000))
{
    cat << CONF
ClusterName=local
SlurmctldHost=$host(127.0.0.1)
SlurmUser=root
SlurmdUser=root
AuthType=auth/none
# A task that is requeued waits for its credential to expire: two minutes, unless said.
AuthInfo=cred_expire=5
CredType=cred/none
MpiDefault=none
ProctrackType=proctrack/pgid
TaskPlugin=task/none
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU
SchedulerType=sched/backfill
SchedulerParameters=sched_interval=2,batch_sched_delay=0,sched_min_interval=0
JobCompType=jobcomp/none
JobAcctGatherType=jobacct_gather/none
AccountingStorageType=accounting_storage/none
ReturnToService=2
InactiveLimit=0
KillWait=5
MessageTimeout=30
SlurmdTimeout=60
MinJobAge=60
RebootProgram=/bin/true
SlurmctldPort=$port
SlurmctldPidFile=$folder/run/slurmctld.pid
SlurmctldLogFile=$folder/log/slurmctld.log
StateSaveLocation=$folder/state
SlurmdPidFile=$folder/run/%n.pid
SlurmdLogFile=$folder/log/%n.log
SlurmdSpoolDir=$folder/spool/%n
CONF
    for n in $(seq 1 "$nodes"); do
        echo "NodeName=node$n NodeHostname=$host NodeAddr=127.0.0.1 Port=$((port + n)) CPUs=1 RealMemory=1000 State=UNKNOWN"
    done
    echo "PartitionName=all Nodes=ALL Default=YES MaxTime=INFINITE State=UP OverSubscribe=NO"
} > "$SLURM_CONF"

slurmctld -f "$SLURM_CONF" > "$folder/log/start.log" 2>&1
for n in $(seq 1 "$nodes"); do
    slurmd -f "$SLURM_CONF" -N "node$n" >> "$folder/log/start.log" 2>&1
done
for _ in $(seq 1 100); do
    if [ "$(sinfo -h -N -o '%T' 2> /dev/null | grep -c idle)" = "$nodes" ]; then
        echo "export SLURM_CONF=$SLURM_CONF"
        exit 0
    fi
    sleep .3
done
echo "its nodes did not come up:" >&2
cat "$folder/log/start.log" >&2
tail -n 20 "$folder"/log/*.log >&2
stop
exit 1
