//! The topics a producer sends to: their partitions' queues, and finding them quickly from any thread.
//!
//! Read for each record without a lock; written when a topic is new or its metadata changed. Knows who leads only as far as
//! partitioning cares: whether anybody does.

use super::accumulator::{Head, PartitionQueue};
use super::batch::Batch;
use super::partitioner::{Load, next_sticky};
use super::sender::{BatchSource, PartitionIndex};
use arc_swap::{ArcSwap, ArcSwapOption};
use hashbrown::HashMap;
use parking_lot::Mutex;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI32, AtomicU32, AtomicU64, AtomicUsize, Ordering};

type Names = HashMap<Arc<str>, Arc<Topic>, foldhash::fast::RandomState>;

/// A partition of a topic, shared by those who append and the driver.
#[derive(Debug)]
pub(crate) struct Slot {
    pub(crate) index: PartitionIndex,
    pub(crate) topic: Arc<str>,
    /// The topic's place in the order of first use; groups a request's partitions.
    pub(crate) topic_number: u32,
    pub(crate) number: i32,
    pub(crate) queue: Mutex<PartitionQueue>,
    /// Batches in `queue`, to be read without its lock.
    queue_length: AtomicU32,
    /// -1 for none.
    leader: AtomicI32,
    /// Its broker takes no requests for longer than `partitioner.availability.timeout.ms`.
    is_late: AtomicBool,
    /// Whether the driver is told already that there is something to look at.
    pub(crate) is_listed: AtomicBool,
}

impl Slot {
    /// To be called under the queue's lock after batches came or went.
    pub(crate) fn publish_length(&self, queue: &PartitionQueue) {
        self.queue_length.store(queue.len() as u32, Ordering::Relaxed);
    }

    pub(crate) fn set_late(&self, is_late: bool) {
        self.is_late.store(is_late, Ordering::Relaxed);
    }

    /// The broker that leads it, as metadata last said; -1 for none.
    pub(crate) fn leader(&self) -> i32 {
        self.leader.load(Ordering::Relaxed)
    }

    fn load(&self) -> Load {
        Load {
            queue_length: self.queue_length.load(Ordering::Relaxed),
            is_available: self.leader() >= 0 && !self.is_late.load(Ordering::Relaxed),
        }
    }
}

/// A topic's partitions at one time.
#[derive(Debug)]
pub(crate) struct Layout {
    pub(crate) slots: Vec<Arc<Slot>>,
    /// Those that have a leader.
    pub(crate) available: Vec<i32>,
}

/// A topic.
#[derive(Debug)]
pub(crate) struct Topic {
    pub(crate) name: Arc<str>,
    number: u32,
    layout: ArcSwapOption<Layout>,
    sticky: AtomicI32,
    /// Bytes appended to the sticky partition since it became that; changed under its queue's lock.
    sticky_bytes: AtomicUsize,
    turn: AtomicU32,
    random: AtomicU64,
    /// Whether records came since the driver last looked, so that metadata keeps the topic.
    pub(crate) is_used: AtomicBool,
}

impl Topic {
    /// Its partitions; nothing before metadata came.
    pub(crate) fn layout(&self) -> arc_swap::Guard<Option<Arc<Layout>>> {
        self.layout.load()
    }

    /// Counts records, for taking turns.
    pub(crate) fn next_turn(&self) -> u32 {
        self.turn.fetch_add(1, Ordering::Relaxed)
    }

    /// The partition keyless records go to now.
    pub(crate) fn sticky(&self, layout: &Layout, adaptive: bool) -> Option<i32> {
        let current = self.sticky.load(Ordering::Acquire);
        if current >= 0 && (current as usize) < layout.slots.len() {
            return Some(current);
        }
        self.move_on(current, layout, adaptive);
        let chosen = self.sticky.load(Ordering::Acquire);
        (chosen >= 0).then_some(chosen)
    }

    /// Whether `partition` is still the sticky one; to be asked under its queue's lock.
    pub(crate) fn is_sticky(&self, partition: i32) -> bool {
        self.sticky.load(Ordering::Acquire) == partition
    }

    /// Bytes that stuck to the present partition.
    pub(crate) fn sticky_bytes(&self) -> usize {
        self.sticky_bytes.load(Ordering::Relaxed)
    }

    /// Counts bytes of the sticky partition, under its queue's lock.
    pub(crate) fn add_sticky_bytes(&self, size_bytes: usize) {
        self.sticky_bytes.store(self.sticky_bytes() + size_bytes, Ordering::Relaxed);
    }

    /// Leaves partition `from` for the next one, unless somebody did already.
    pub(crate) fn move_on(&self, from: i32, layout: &Layout, adaptive: bool) {
        let loads = layout.slots.iter().map(|slot| slot.load());
        if let Some(next) = next_sticky(loads, adaptive, self.next_random())
            && self.sticky.compare_exchange(from, next, Ordering::AcqRel, Ordering::Acquire).is_ok()
        {
            self.sticky_bytes.store(0, Ordering::Relaxed);
        }
    }

    /// SplitMix64 over a counter: no lock, and any spread will do.
    fn next_random(&self) -> u32 {
        let mut mixed = self.random.fetch_add(0x9e37_79b9_7f4a_7c15, Ordering::Relaxed);
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed >> 32) as u32
    }
}

/// All topics of a producer.
#[derive(Debug)]
pub(crate) struct Topics {
    by_name: ArcSwap<Names>,
    registry: Mutex<Registry>,
}

#[derive(Debug, Default)]
struct Registry {
    slots: Vec<Arc<Slot>>,
    topics: Vec<Arc<Topic>>,
    seed: u64,
    is_closed: bool,
}

impl Topics {
    /// None yet; `seed` is for what is random in partitioning.
    pub(crate) fn new(seed: u64) -> Self {
        Self {
            by_name: ArcSwap::from_pointee(Names::default()),
            registry: Mutex::new(Registry { seed, ..Registry::default() }),
        }
    }

    /// A topic used before.
    pub(crate) fn get(&self, name: &str) -> Option<Arc<Topic>> {
        self.by_name.load().get(name).cloned()
    }

    /// Does `with` to a topic used before, without touching its reference count.
    pub(crate) fn with<T>(&self, name: &str, with: impl FnOnce(Option<&Topic>) -> T) -> T {
        let names = self.by_name.load();
        with(names.get(name).map(|topic| &**topic))
    }

    /// All topics, by first use.
    pub(crate) fn all(&self) -> Vec<Arc<Topic>> {
        self.registry.lock().topics.clone()
    }

    /// Partitions from index `from` on.
    pub(crate) fn slots_from(&self, from: usize) -> Vec<Arc<Slot>> {
        self.registry.lock().slots.get(from..).map(<[_]>::to_vec).unwrap_or_default()
    }

    /// Takes over what metadata says of a topic: who leads each partition, -1 for nobody. Partitions only ever become more.
    pub(crate) fn update(&self, name: &Arc<str>, leaders: &[i32]) -> Arc<Topic> {
        let mut registry = self.registry.lock();
        let registry = &mut *registry;
        let known = self.by_name.load().get(name).cloned();
        let topic = known.unwrap_or_else(|| {
            let number = registry.topics.len() as u32;
            let topic = Arc::new(Topic {
                name: Arc::clone(name),
                number,
                layout: ArcSwapOption::empty(),
                sticky: AtomicI32::new(-1),
                sticky_bytes: AtomicUsize::new(0),
                turn: AtomicU32::new(0),
                random: AtomicU64::new(registry.seed ^ u64::from(number).wrapping_mul(0x2545_f491_4f6c_dd1d)),
                is_used: AtomicBool::new(true),
            });
            registry.topics.push(Arc::clone(&topic));
            let mut names = Names::clone(&self.by_name.load());
            names.insert(Arc::clone(name), Arc::clone(&topic));
            self.by_name.store(Arc::new(names));
            topic
        });
        let mut slots = topic.layout().as_ref().map(|layout| layout.slots.clone()).unwrap_or_default();
        for number in slots.len()..leaders.len() {
            let mut queue = PartitionQueue::default();
            if registry.is_closed {
                queue.close();
            }
            let slot = Arc::new(Slot {
                index: PartitionIndex(registry.slots.len() as u32),
                topic: Arc::clone(&topic.name),
                topic_number: topic.number,
                number: number as i32,
                queue: Mutex::new(queue),
                queue_length: AtomicU32::new(0),
                leader: AtomicI32::new(-1),
                is_late: AtomicBool::new(false),
                is_listed: AtomicBool::new(false),
            });
            registry.slots.push(Arc::clone(&slot));
            slots.push(slot);
        }
        let leader = |number: usize| leaders.get(number).copied().unwrap_or(-1);
        for (number, slot) in slots.iter().enumerate() {
            slot.leader.store(leader(number), Ordering::Relaxed);
        }
        let available: Vec<i32> = (0..slots.len()).filter(|n| leader(*n) >= 0).map(|n| n as i32).collect();
        let is_news = topic
            .layout()
            .as_ref()
            .is_none_or(|known| known.slots.len() != slots.len() || known.available != available);
        if is_news && !slots.is_empty() {
            topic.layout.store(Some(Arc::new(Layout { slots, available })));
        }
        topic
    }

    /// No queue takes a record any more, also none that is yet to come.
    pub(crate) fn close(&self) {
        let slots = {
            let mut registry = self.registry.lock();
            registry.is_closed = true;
            registry.slots.clone()
        };
        for slot in slots {
            slot.queue.lock().close();
        }
    }
}

/// The queues as the sender takes batches from them.
#[derive(Debug, Default)]
pub(crate) struct SlotSource {
    pub(crate) slots: Vec<Arc<Slot>>,
}

impl BatchSource for SlotSource {
    fn head(&mut self, partition: PartitionIndex) -> Option<Head> {
        self.slots.get(partition.0 as usize)?.queue.lock().head()
    }

    fn take(&mut self, partition: PartitionIndex) -> Option<Batch> {
        let slot = self.slots.get(partition.0 as usize)?;
        let mut queue = slot.queue.lock();
        let batch = queue.take();
        slot.publish_length(&queue);
        batch
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name() -> Arc<str> {
        "t".into()
    }

    #[test]
    fn partitions_keep_their_queues_when_more_are_added() {
        let topics = Topics::new(7);
        let topic = topics.update(&name(), &[1, -1]);
        let first = Arc::clone(&topic.layout().as_ref().unwrap().slots[1]);
        topics.update(&"other".into(), &[1]);
        topics.update(&name(), &[1, 1, 1]);
        let layout = topic.layout();
        let layout = layout.as_ref().unwrap();
        assert!(Arc::ptr_eq(&first, &layout.slots[1]));
        assert_eq!(layout.available, [0, 1, 2]);
        assert_eq!(layout.slots[2].index, PartitionIndex(3));
        assert_eq!(topics.slots_from(2).len(), 2);
        // Fewer partitions than before is a broker that lags behind.
        topics.update(&name(), &[1]);
        assert_eq!(topic.layout().as_ref().unwrap().slots.len(), 3);
    }

    #[test]
    fn after_closing_no_queue_takes_records() {
        let topics = Topics::new(7);
        topics.update(&name(), &[1]);
        topics.close();
        topics.update(&name(), &[1, 1]);
        assert!(topics.slots_from(0).iter().all(|slot| slot.queue.lock().is_closed()));
    }

    #[test]
    fn the_sticky_partition_stays_until_somebody_moves_on() {
        let topics = Topics::new(7);
        let topic = topics.update(&name(), &[1; 8]);
        let layout = topic.layout().clone().unwrap();
        let first = topic.sticky(&layout, true).unwrap();
        assert_eq!(topic.sticky(&layout, true), Some(first));
        topic.add_sticky_bytes(100);
        let mut seen = std::collections::BTreeSet::new();
        for _ in 0..200 {
            let from = topic.sticky(&layout, true).unwrap();
            topic.move_on(from, &layout, true);
            assert_eq!(topic.sticky_bytes(), 0);
            seen.insert(topic.sticky(&layout, true).unwrap());
        }
        assert_eq!(seen.len(), 8);
        let now = topic.sticky(&layout, true).unwrap();
        topic.move_on((now + 1) % 8, &layout, true);
        assert_eq!(topic.sticky(&layout, true), Some(now), "a late mover does not move it again");
    }
}
