# SPDX-License-Identifier: GPL-2.0-or-later
"""Threads, memory, and runs that are interrupted."""
import os
import statistics

from training_run import SMALL_HASH_SPACE
from training_table import Table, count, megabytes, millions, seconds, times, yes_no


def same_bytes(*paths):
    first, *others = (path.read_bytes() for path in paths)
    return all(other == first for other in others)


def thread_scaling(bench, inputs, options):
    """Wall time with one and two threads, and whether both learn the same bytes."""
    rounds = 1 if bench.quick else 5
    runs = {1: [], 2: []}
    for number in range(rounds):
        for threads, done in runs.items():
            bench.say(f"scaling: {threads} threads, round {number + 1} of {rounds}")
            done.append(bench.train(f"{threads}.dict", inputs, options, threads))
    table = Table("Threads", {"whole run": seconds, "speedup": times, "learning words/s": millions,
                              "learning speedup": times})
    walls = {threads: statistics.median(run.run.wall_seconds for run in done) for threads, done in runs.items()}
    rates = {threads: threads * statistics.median(run.words_per_second for run in done)
             for threads, done in runs.items()}
    for threads in runs:
        table.add(f"{threads} thread" + "s" * (threads > 1),
                  {"whole run": walls[threads], "speedup": walls[1] / walls[threads],
                   "learning words/s": rates[threads], "learning speedup": rates[threads] / rates[1]})
    table.remark(f"Wall time, median of {rounds} rounds; learning leaves out reading and the hash space. It needs a "
                 f"quiet machine: of {os.cpu_count()} processors, {os.getloadavg()[0]:.1f} were busy in the last "
                 "minute.")
    equal = same_bytes(bench.path("1.dict"), bench.path("2.dict"))
    table.remark(f"The two dictionaries have the same bytes: {yes_no(equal)}.")
    return table


def memory(bench, inputs, options):
    """Most anonymous memory beside the size of the dictionary."""
    columns = {"dictionary": megabytes, "learning": megabytes, "ratio": times, "whole run": megabytes,
               "whole ratio": times}
    table = Table("Memory of training, one thread", columns)
    rows = {"as it is": {}, "with 8 hyperplanes for a hash space": SMALL_HASH_SPACE,
            "the same, twice the dimensions": {**SMALL_HASH_SPACE, "dim": 2 * options["dim"]}}
    for name, more in rows.items():
        bench.say(f"scaling: memory, {name}")
        done = bench.train("memory.dict", inputs, {**options, **more, "epochs": 2})
        size = done.dictionary.stat().st_size
        table.add(name, {"dictionary": size, "learning": done.run.learning_peak_bytes,
                         "ratio": done.run.learning_peak_bytes / size, "whole run": done.run.peak_bytes,
                         "whole ratio": done.run.peak_bytes / size})
    table.remark("Most anonymous memory, polled; pages of files, which the system may drop, do not count. Learning is "
                 "the run up to its end: without the hash space and writing.")
    return table


def epochs_done(training):
    return training.run.stderr.count('"event":"epoch"')


def interruption(bench, inputs, options):
    """A run that is killed after its first checkpoint and started again, beside one that nothing stops."""
    options = {**options, **SMALL_HASH_SPACE, "epochs": 10}
    with_checkpoint = {**options, "checkpoint": bench.path("checkpoint"), "checkpoint-seconds": 1}
    bench.say("scaling: killed after its first checkpoint, going on, and the same without a stop")
    killed = bench.train("resumed.dict", inputs, with_checkpoint, kill_when=with_checkpoint["checkpoint"].exists)
    resumed = bench.train("resumed.dict", inputs, with_checkpoint, threads=2)
    whole = bench.train("whole.dict", inputs, options, threads=2)
    table = Table("A run of 10 epochs that is killed and goes on", {"epochs": count, "CPU time": seconds})
    for name, done in (("killed", killed), ("gone on, 2 threads", resumed), ("without a stop, 2 threads", whole)):
        table.add(name, {"epochs": epochs_done(done), "CPU time": done.run.cpu_seconds})
    equal = resumed.resumed and same_bytes(resumed.dictionary, whole.dictionary)
    table.remark(f"The second run went on from the checkpoint, and gave the same bytes: {yes_no(equal)}.")
    return table


def scaling(bench, options):
    inputs = {"text-pairs": bench.data("debian_tasks/pairs.text.tsv.gz")}
    if bench.quick:
        options = {**options, "epochs": 2}
    return [measure(bench, inputs, options) for measure in (thread_scaling, memory, interruption)]
