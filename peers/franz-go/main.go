// Checks a broker through franz-go: peer BOOTSTRAP CHECK.
package main

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"slices"
	"strconv"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"
)

const patience = 60 * time.Second

var bootstrap string

func main() {
	if len(os.Args) != 3 {
		fmt.Fprintln(os.Stderr, "usage: peer BOOTSTRAP CHECK")
		os.Exit(2)
	}
	bootstrap = os.Args[1]
	checks := map[string]func(context.Context){
		"codecs":            codecs,
		"classic_group":     func(ctx context.Context) { group(ctx, false) },
		"consumer_group":    func(ctx context.Context) { group(ctx, true) },
		"admin":             admin,
		"large_batches":     largeBatches,
		"seek_by_timestamp": seekByTimestamp,
	}
	check, ok := checks[os.Args[2]]
	if !ok {
		fail("no check is called %q", os.Args[2])
	}
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	check(ctx)
	fmt.Println("ok")
}

func fail(format string, arguments ...any) {
	fmt.Fprintf(os.Stderr, format+"\n", arguments...)
	os.Exit(1)
}

func must(err error, doing string) {
	if err != nil {
		fail("%s: %v", doing, err)
	}
}

func unique(name string) string {
	random := make([]byte, 4)
	_, err := rand.Read(random)
	must(err, "random bytes")
	return "franz-" + name + "-" + hex.EncodeToString(random)
}

func client(options ...kgo.Opt) *kgo.Client {
	made, err := kgo.NewClient(append([]kgo.Opt{kgo.SeedBrokers(bootstrap)}, options...)...)
	must(err, "making a client")
	return made
}

func create(ctx context.Context, topic string, partitions int32, configs map[string]*string) string {
	cl := client()
	defer cl.Close()
	_, err := kadm.NewClient(cl).CreateTopic(ctx, partitions, 1, configs, topic)
	must(err, "creating "+topic)
	return topic
}

// The producer is idempotent with acks=all, as franz-go's always is unless told otherwise.
func produce(ctx context.Context, records []*kgo.Record, options ...kgo.Opt) {
	options = append([]kgo.Opt{kgo.RecordPartitioner(kgo.ManualPartitioner())}, options...)
	cl := client(options...)
	defer cl.Close()
	last := map[int32]int64{}
	for _, result := range cl.ProduceSync(ctx, records...) {
		must(result.Err, "producing")
		before, seen := last[result.Record.Partition]
		if seen && result.Record.Offset <= before {
			fail("offset %d after %d in partition %d", result.Record.Offset, before, result.Record.Partition)
		}
		last[result.Record.Partition] = result.Record.Offset
	}
}

// Reads exactly count records.
func collect(ctx context.Context, cl *kgo.Client, count int) []*kgo.Record {
	var found []*kgo.Record
	for len(found) < count {
		fetches := cl.PollFetches(ctx)
		must(fetches.Err0(), fmt.Sprintf("%d of %d records read", len(found), count))
		fetches.EachError(func(topic string, partition int32, err error) {
			fail("reading %s-%d: %v", topic, partition, err)
		})
		found = append(found, fetches.Records()...)
	}
	if len(found) != count {
		fail("%d records read, %d were expected", len(found), count)
	}
	return found
}

func same(found, sent *kgo.Record) bool {
	headers := slices.EqualFunc(found.Headers, sent.Headers, func(a, b kgo.RecordHeader) bool {
		return a.Key == b.Key && bytes.Equal(a.Value, b.Value) && (a.Value == nil) == (b.Value == nil)
	})
	return headers && bytes.Equal(found.Key, sent.Key) && bytes.Equal(found.Value, sent.Value) &&
		(found.Key == nil) == (sent.Key == nil) && (found.Value == nil) == (sent.Value == nil) &&
		found.Timestamp.UnixMilli() == sent.Timestamp.UnixMilli()
}

func codecs(ctx context.Context) {
	names := []string{"none", "gzip", "snappy", "lz4", "zstd"}
	all := []kgo.CompressionCodec{
		kgo.NoCompression(), kgo.GzipCompression(), kgo.SnappyCompression(), kgo.Lz4Compression(), kgo.ZstdCompression(),
	}
	for index, codec := range all {
		topic := create(ctx, unique(names[index]), 3, nil)
		now := time.Now().Truncate(time.Millisecond)
		var sent []*kgo.Record
		by := make([][]*kgo.Record, 3)
		for n := range 3000 {
			record := &kgo.Record{Topic: topic, Partition: int32(n % 3), Timestamp: now.Add(time.Duration(n) * time.Millisecond)}
			if n%7 != 0 {
				record.Key = []byte("key-" + strconv.Itoa(n))
			}
			if n%11 != 0 {
				record.Value = bytes.Repeat([]byte("value "+strconv.Itoa(n)+" "), n%50+1)
			}
			if n%5 == 0 {
				record.Headers = []kgo.RecordHeader{{Key: "n", Value: []byte(strconv.Itoa(n))}, {Key: "n", Value: []byte("again")}, {Key: "nothing"}}
			}
			sent = append(sent, record)
			by[n%3] = append(by[n%3], record)
		}
		produce(ctx, sent, kgo.ProducerBatchCompression(codec))
		reader := client(kgo.ConsumeTopics(topic), kgo.ConsumeResetOffset(kgo.NewOffset().AtStart()))
		next := make([]int64, 3)
		for _, record := range collect(ctx, reader, len(sent)) {
			if record.Offset != next[record.Partition] {
				fail("%s: offset %d of partition %d, %d was expected", names[index], record.Offset, record.Partition, next[record.Partition])
			}
			if expected := by[record.Partition][record.Offset]; !same(record, expected) {
				fail("%s: offset %d of partition %d is %v, %v was sent", names[index], record.Offset, record.Partition, record, expected)
			}
			next[record.Partition]++
		}
		reader.Close()
		fmt.Printf("%s: %d records read as sent\n", names[index], len(sent))
	}
}

type member struct {
	*kgo.Client
	owned map[int32]bool
}

func join(topic, name string, options ...kgo.Opt) *member {
	m := &member{owned: map[int32]bool{}}
	// The callbacks run within polls only, so that owned needs no lock.
	give := func(_ context.Context, _ *kgo.Client, assigned map[string][]int32) {
		for _, partition := range assigned[topic] {
			m.owned[partition] = true
		}
	}
	take := func(_ context.Context, _ *kgo.Client, revoked map[string][]int32) {
		for _, partition := range revoked[topic] {
			delete(m.owned, partition)
		}
	}
	m.Client = client(append(options,
		kgo.ConsumeTopics(topic), kgo.ConsumerGroup(name), kgo.DisableAutoCommit(),
		kgo.ConsumeResetOffset(kgo.NewOffset().AtStart()),
		kgo.OnPartitionsAssigned(give), kgo.OnPartitionsRevoked(take), kgo.OnPartitionsLost(take),
		kgo.BlockRebalanceOnPoll(), kgo.FetchMaxWait(200*time.Millisecond),
	)...)
	return m
}

// One short poll; each record goes to see.
func (m *member) poll(ctx context.Context, see func(*kgo.Record)) {
	short, cancel := context.WithTimeout(ctx, 200*time.Millisecond)
	defer cancel()
	fetches := m.PollFetches(short)
	fetches.EachError(func(topic string, partition int32, err error) {
		if !errors.Is(err, context.DeadlineExceeded) {
			fail("reading %s-%d: %v", topic, partition, err)
		}
	})
	fetches.EachRecord(see)
	m.AllowRebalance()
}

func (m *member) commit(ctx context.Context, offsets map[string]map[int32]kgo.EpochOffset) {
	done := func(_ *kgo.Client, _ *kmsg.OffsetCommitRequest, response *kmsg.OffsetCommitResponse, err error) {
		must(err, "committing")
		for _, topic := range response.Topics {
			for _, partition := range topic.Partitions {
				must(kerr.ErrorForCode(partition.ErrorCode), "committing")
			}
		}
	}
	m.CommitOffsetsSync(ctx, offsets, done)
}

func group(ctx context.Context, next bool) {
	topic, name := create(ctx, unique("group"), 4, nil), unique("group")
	var sent []*kgo.Record
	for n := range 400 {
		sent = append(sent, &kgo.Record{Topic: topic, Partition: int32(n % 4), Value: []byte(strconv.Itoa(n))})
	}
	produce(ctx, sent)
	fresh := func() *member {
		if next {
			return join(topic, name, kgo.ServerSideBalancer())
		}
		return join(topic, name)
	}
	first, second := fresh(), fresh()
	seen := map[string]bool{}
	for len(seen) < 400 || len(first.owned) != 2 || len(second.owned) != 2 {
		must(ctx.Err(), fmt.Sprintf("%d records, members own %v and %v", len(seen), first.owned, second.owned))
		for _, m := range []*member{first, second} {
			m.poll(ctx, func(record *kgo.Record) { seen[string(record.Value)] = true })
		}
	}
	for _, m := range []*member{first, second} {
		offsets := map[int32]kgo.EpochOffset{}
		for partition := range m.owned {
			offsets[partition] = kgo.EpochOffset{Epoch: -1, Offset: 60}
		}
		m.commit(ctx, map[string]map[int32]kgo.EpochOffset{topic: offsets})
	}
	fmt.Printf("two members own %v and %v\n", first.owned, second.owned)
	second.CloseAllowingRebalance()
	for len(first.owned) != 4 {
		must(ctx.Err(), fmt.Sprintf("the member left owns %v", first.owned))
		first.poll(ctx, func(*kgo.Record) {})
	}
	first.CloseAllowingRebalance()

	cl := client()
	committed, err := kadm.NewClient(cl).FetchOffsets(ctx, name)
	must(err, "fetching offsets")
	for partition := range int32(4) {
		if offset, ok := committed.Lookup(topic, partition); !ok || offset.At != 60 {
			fail("partition %d has the committed offset %v", partition, offset)
		}
	}
	cl.Close()
	resumed := fresh()
	rest := 0
	for rest < 160 {
		must(ctx.Err(), fmt.Sprintf("%d of 160 records", rest))
		resumed.poll(ctx, func(record *kgo.Record) {
			rest++
			if record.Offset < 60 {
				fail("offset %d was committed already", record.Offset)
			}
		})
	}
	resumed.CloseAllowingRebalance()
	fmt.Println("a new member resumed at the committed offsets")
}

func text(value string) *string { return &value }

func admin(ctx context.Context) {
	topic := create(ctx, unique("admin"), 2, map[string]*string{"retention.ms": text("600000")})
	cl := client()
	defer cl.Close()
	adm := kadm.NewClient(cl)
	if _, err := adm.CreateTopic(ctx, 2, 1, nil, topic); !errors.Is(err, kerr.TopicAlreadyExists) {
		fail("creating the topic again: %v", err)
	}
	grown, err := adm.UpdatePartitions(ctx, 5, topic)
	must(err, "adding partitions")
	must(grown.Error(), "adding partitions")
	// The answer may be older than the metadata of the broker that is asked next.
	for {
		topics, err := adm.ListTopics(ctx, topic)
		must(err, "listing topics")
		if len(topics[topic].Partitions) == 5 {
			break
		}
	}
	altered, err := adm.AlterTopicConfigs(ctx, []kadm.AlterConfig{
		{Op: kadm.SetConfig, Name: "retention.ms", Value: text("700000")},
		{Op: kadm.AppendConfig, Name: "cleanup.policy", Value: text("compact")},
	}, topic)
	must(err, "altering configs")
	for _, one := range altered {
		must(one.Err, "altering configs")
	}
	described, err := adm.DescribeTopicConfigs(ctx, topic)
	must(err, "describing configs")
	values := map[string]string{}
	for _, config := range described[0].Configs {
		values[config.Key] = config.MaybeValue()
	}
	if values["retention.ms"] != "700000" || values["cleanup.policy"] != "delete,compact" {
		fail("configs are %v", values)
	}
	altered, err = adm.AlterTopicConfigs(ctx, []kadm.AlterConfig{{Op: kadm.SetConfig, Name: "retention.ms", Value: text("soon")}}, topic)
	must(err, "altering configs")
	if !errors.Is(altered[0].Err, kerr.InvalidConfig) {
		fail("a retention of soon: %v", altered[0].Err)
	}

	var sent []*kgo.Record
	for n := range 50 {
		sent = append(sent, &kgo.Record{Topic: topic, Key: []byte("k"), Value: []byte(strconv.Itoa(n))})
	}
	produce(ctx, sent)
	until := kadm.Offsets{}
	until.Add(kadm.Offset{Topic: topic, Partition: 0, At: 20})
	deleted, err := adm.DeleteRecords(ctx, until)
	must(err, "deleting records")
	must(deleted.Error(), "deleting records")
	starts, err := adm.ListStartOffsets(ctx, topic)
	must(err, "listing offsets")
	ends, err := adm.ListEndOffsets(ctx, topic)
	must(err, "listing offsets")
	start, _ := starts.Lookup(topic, 0)
	end, _ := ends.Lookup(topic, 0)
	if start.Offset != 20 || end.Offset != 50 {
		fail("the log goes from %d to %d", start.Offset, end.Offset)
	}

	name := unique("admin")
	reader := join(topic, name)
	for read := 0; read < 30; {
		must(ctx.Err(), "reading in a group")
		reader.poll(ctx, func(*kgo.Record) { read++ })
	}
	must(reader.CommitUncommittedOffsets(ctx), "committing")
	groups, err := adm.DescribeGroups(ctx, name)
	must(err, "describing groups")
	if groups[name].State != "Stable" || len(groups[name].Members) != 1 {
		fail("the group is %v", groups[name])
	}
	reader.CloseAllowingRebalance()
	listed, err := adm.ListGroups(ctx)
	must(err, "listing groups")
	if !slices.Contains(listed.Groups(), name) {
		fail("%s is not among the groups %v", name, listed.Groups())
	}
	lag, err := adm.Lag(ctx, name)
	must(err, "asking for lag")
	if total := lag[name].Lag.Total(); total != 0 {
		fail("the lag is %d", total)
	}
	moved := kadm.Offsets{}
	moved.Add(kadm.Offset{Topic: topic, Partition: 0, At: 25, LeaderEpoch: -1})
	must(adm.CommitAllOffsets(ctx, name, moved), "moving offsets")
	offsets, err := adm.FetchOffsets(ctx, name)
	must(err, "fetching offsets")
	if offset, _ := offsets.Lookup(topic, 0); offset.At != 25 {
		fail("the committed offset is %v", offset)
	}
	gone, err := adm.DeleteGroups(ctx, name)
	must(err, "deleting groups")
	must(gone.Error(), "deleting groups")
	dropped, err := adm.DeleteTopics(ctx, topic)
	must(err, "deleting topics")
	must(dropped.Error(), "deleting topics")
	for {
		topics, err := adm.ListTopics(ctx)
		must(err, "listing topics")
		if !topics.Has(topic) {
			break
		}
	}
	fmt.Println("topics, partitions, configs, records, offsets and groups administered")
}

func largeBatches(ctx context.Context) {
	topic := create(ctx, unique("large"), 1, nil)
	var sent []*kgo.Record
	for n := range 36 {
		size := []int{1, 900_000, 10, 500_000, 999_000, 3}[n%6]
		sent = append(sent, &kgo.Record{Topic: topic, Key: []byte(strconv.Itoa(n)), Value: bytes.Repeat([]byte{byte(n)}, size), Timestamp: time.Now().Truncate(time.Millisecond)})
	}
	produce(ctx, sent, kgo.ProducerBatchCompression(kgo.NoCompression()), kgo.ProducerLinger(50*time.Millisecond))
	// Every large record is larger than a fetch of this consumer.
	reader := client(kgo.ConsumeTopics(topic), kgo.ConsumeResetOffset(kgo.NewOffset().AtStart()),
		kgo.FetchMaxBytes(100_000), kgo.FetchMaxPartitionBytes(1000))
	for n, record := range collect(ctx, reader, len(sent)) {
		if !same(record, sent[n]) {
			fail("record %d is not the one sent", n)
		}
	}
	reader.Close()
	big := client(kgo.ProducerBatchMaxBytes(5_000_000), kgo.ProducerBatchCompression(kgo.NoCompression()))
	err := big.ProduceSync(ctx, &kgo.Record{Topic: topic, Value: make([]byte, 2_000_000)}).FirstErr()
	if !errors.Is(err, kerr.MessageTooLarge) {
		fail("a record of 2 MB: %v", err)
	}
	big.Close()
	fmt.Println("records of up to a megabyte read as sent, 2 MB refused")
}

func seekByTimestamp(ctx context.Context) {
	topic := create(ctx, unique("times"), 2, nil)
	start := time.Now().Add(-1000 * time.Second).Truncate(time.Millisecond)
	var sent []*kgo.Record
	for n := range 1000 {
		sent = append(sent, &kgo.Record{Topic: topic, Partition: int32(n % 2), Value: []byte(strconv.Itoa(n)), Timestamp: start.Add(time.Duration(n) * time.Second)})
	}
	produce(ctx, sent, kgo.ProducerBatchCompression(kgo.Lz4Compression()))
	cl := client()
	defer cl.Close()
	adm := kadm.NewClient(cl)
	for _, second := range []int{0, 1, 250, 998} {
		from := start.Add(time.Duration(second) * time.Second).UnixMilli()
		listed, err := adm.ListOffsetsAfterMilli(ctx, from, topic)
		must(err, "listing offsets")
		for partition := range 2 {
			expected := int64((second - partition + 1) / 2)
			if offset, _ := listed.Lookup(topic, int32(partition)); offset.Offset != expected || offset.Err != nil {
				fail("second %d of partition %d is %v, %d was expected", second, partition, offset, expected)
			}
		}
		reader := client(kgo.ConsumeTopics(topic), kgo.ConsumeResetOffset(kgo.NewOffset().AfterMilli(from)))
		collect(ctx, reader, 1000-second)
		reader.Close()
	}
	listed, err := adm.ListMaxTimestampOffsets(ctx, topic)
	must(err, "listing offsets")
	if offset, _ := listed.Lookup(topic, 1); offset.Offset != 499 || offset.Timestamp != sent[999].Timestamp.UnixMilli() {
		fail("the newest record of partition 1 is %v", offset)
	}
	fmt.Println("offsets by time lead to the right records")
}
