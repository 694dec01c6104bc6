//! Hands a new image to everyone who acts on metadata.
//!
//! Subscribers run in order, on the publisher's thread, before the image is visible: when a client can see a topic in
//! a metadata response, its partitions are there to be written to. Subscribers must not block for long.

use super::MetadataImage;
use arc_swap::{ArcSwap, Guard};
use parking_lot::Mutex;
use std::collections::BTreeSet;
use std::sync::Arc;
use tokio::sync::watch;
use uuid::Uuid;

/// What changed between two images, so that nobody has to compare them whole.
#[derive(Clone, Debug, Default)]
pub(crate) struct MetadataDelta {
    /// Topics created, or with any partition changed.
    pub(crate) changed_topics: BTreeSet<Uuid>,
    /// Topics deleted, with the names they had.
    pub(crate) deleted_topics: BTreeSet<(Uuid, Arc<str>)>,
    /// Resources whose configuration changed, by kind and name.
    pub(crate) changed_configs: BTreeSet<(i8, Arc<str>)>,
    /// Whether any broker's registration changed.
    pub(crate) changed_brokers: bool,
}

type Subscriber = Box<dyn Fn(&MetadataDelta, &MetadataImage) + Send + Sync>;

/// The latest image, and its subscribers.
pub(crate) struct MetadataPublisher {
    image: ArcSwap<MetadataImage>,
    subscribers: Mutex<Vec<Subscriber>>,
    offset: watch::Sender<i64>,
}

impl MetadataPublisher {
    /// Starts with `image`, which no subscriber has seen.
    pub(crate) fn new(image: MetadataImage) -> Self {
        let offset = watch::Sender::new(image.offset);
        Self { image: ArcSwap::from_pointee(image), subscribers: Mutex::new(Vec::new()), offset }
    }

    /// The latest image, for a moment's use.
    pub(crate) fn image(&self) -> Guard<Arc<MetadataImage>> {
        self.image.load()
    }

    /// The latest image, to keep.
    pub(crate) fn snapshot(&self) -> Arc<MetadataImage> {
        self.image.load_full()
    }

    /// Adds someone to be told of every later change.
    pub(crate) fn subscribe(
        &self,
        subscriber: impl Fn(&MetadataDelta, &MetadataImage) + Send + Sync + 'static,
    ) {
        self.subscribers.lock().push(Box::new(subscriber));
    }

    /// Publishes `image`, which differs from the last one by `delta`. Only the owner of the metadata log calls this,
    /// one image at a time.
    pub(crate) fn publish(&self, delta: &MetadataDelta, image: MetadataImage) {
        let subscribers = self.subscribers.lock();
        for subscriber in subscribers.iter() {
            subscriber(delta, &image);
        }
        let offset = image.offset;
        self.image.store(Arc::new(image));
        self.offset.send_replace(offset);
    }

    /// Tells the offset of each image once it is visible.
    #[cfg(test)]
    pub(crate) fn offsets(&self) -> watch::Receiver<i64> {
        self.offset.subscribe()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicI64, Ordering};

    #[test]
    fn subscribers_see_an_image_before_it_is_visible() {
        let publisher = Arc::new(MetadataPublisher::new(MetadataImage::empty("cluster".into())));
        let seen = Arc::new(AtomicI64::new(-9));
        let (inner, seen_by_subscriber) = (Arc::downgrade(&publisher), seen.clone());
        publisher.subscribe(move |_, image| {
            let visible = inner.upgrade().unwrap().image().offset;
            assert!(visible < image.offset);
            seen_by_subscriber.store(image.offset, Ordering::Relaxed);
        });
        let mut image = MetadataImage::clone(&publisher.image());
        image.offset = 4;
        publisher.publish(&MetadataDelta::default(), image);
        assert_eq!(seen.load(Ordering::Relaxed), 4);
        assert_eq!(publisher.image().offset, 4);
        assert_eq!(*publisher.offsets().borrow(), 4);
    }
}
