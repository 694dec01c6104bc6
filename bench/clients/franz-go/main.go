// Produces or consumes with franz-go and prints what it cost as one JSON line (bench/README.md).
package main

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"
)

const partitions = 6

type usage struct {
	wall time.Time
	cpu  time.Duration
}

func now() usage {
	var r syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &r); err != nil {
		fail(err)
	}
	return usage{time.Now(), time.Duration(r.Utime.Nano() + r.Stime.Nano())}
}

func fail(err error) {
	fmt.Fprintln(os.Stderr, err)
	os.Exit(1)
}

func main() {
	verb := os.Args[1]
	flags := flag.NewFlagSet(verb, flag.ExitOnError)
	bootstrap := flags.String("bootstrap", "127.0.0.1:9092", "")
	topic := flags.String("topic", "bench", "")
	records := flags.Int64("records", 1_000_000, "")
	warmup := flags.Int64("warmup", 100_000, "")
	size := flags.Int("record-bytes", 100, "")
	batch := flags.Int("batch-bytes", 0, "0: the client's default")
	linger := flags.Int("linger-ms", -1, "-1: the client's default")
	if err := flags.Parse(os.Args[2:]); err != nil {
		fail(err)
	}
	options := []kgo.Opt{kgo.SeedBrokers(*bootstrap)}
	switch verb {
	case "produce":
		options = append(options, kgo.RequiredAcks(kgo.AllISRAcks()), kgo.ProducerBatchCompression(kgo.NoCompression()),
			kgo.MaxBufferedRecords(1<<20), kgo.MaxBufferedBytes(32<<20))
		if *batch > 0 {
			options = append(options, kgo.ProducerBatchMaxBytes(int32(*batch)))
		}
		if *linger >= 0 {
			options = append(options, kgo.ProducerLinger(time.Duration(*linger)*time.Millisecond))
		}
		produce(options, *topic, *warmup, *records, *size)
	case "consume":
		options = append(options, kgo.ConsumeTopics(*topic), kgo.ConsumeResetOffset(kgo.NewOffset().AtStart()))
		consume(options, *warmup, *records, *size)
	default:
		fail(fmt.Errorf("produce or consume, not %q", verb))
	}
}

func produce(options []kgo.Opt, topic string, warmup, records int64, size int) {
	client, err := kgo.NewClient(options...)
	if err != nil {
		fail(err)
	}
	value := make([]byte, size)
	for i := range value {
		value[i] = byte('a' + i%26)
	}
	ctx := context.Background()
	var acked, failed atomic.Int64
	run := func(count int64) {
		var wg sync.WaitGroup
		wg.Add(int(count))
		for i := int64(0); i < count; i++ {
			client.Produce(ctx, &kgo.Record{Topic: topic, Value: value}, func(_ *kgo.Record, err error) {
				if err != nil {
					failed.Add(1)
				} else {
					acked.Add(1)
				}
				wg.Done()
			})
		}
		wg.Wait()
	}
	run(warmup)
	acked.Store(0)
	start := now()
	run(records)
	report("produce", start, acked.Load(), failed.Load())
	client.Close()
}

func consume(options []kgo.Opt, warmup, records int64, size int) {
	read(options, warmup, size)
	start := now()
	seen, wrong := read(options, records, size)
	report("consume", start, seen, wrong)
}

// Reads from the beginning until count records were seen; how many were, and how many were not the next of their partition.
func read(options []kgo.Opt, count int64, size int) (seen, wrong int64) {
	client, err := kgo.NewClient(options...)
	if err != nil {
		fail(err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Minute)
	defer cancel()
	var next [partitions]int64
	for seen < count {
		fetches := client.PollFetches(ctx)
		if errs := fetches.Errors(); len(errs) > 0 {
			fail(errs[0].Err)
		}
		fetches.EachRecord(func(r *kgo.Record) {
			if r.Offset != next[r.Partition] || len(r.Value) != size {
				wrong++
			}
			next[r.Partition] = r.Offset + 1
			seen++
		})
	}
	client.Close()
	return seen, wrong
}

func report(verb string, start usage, records, failed int64) {
	end := now()
	var r syscall.Rusage
	_ = syscall.Getrusage(syscall.RUSAGE_SELF, &r)
	line, err := json.Marshal(map[string]any{
		"client": "franz-go", "verb": verb, "records": records, "failed": failed,
		"seconds": end.wall.Sub(start.wall).Seconds(), "cpu_seconds": (end.cpu - start.cpu).Seconds(), "max_rss_kib": r.Maxrss,
	})
	if err != nil {
		fail(err)
	}
	fmt.Println(string(line))
}
