//! What JavaScript holds: one type, so that a handle is never taken for another one.

use crate::thrown::Thrown;
use ottla::facade::{Admin, Consumer, Producer};
use ottla_testing::TestBroker;

/// A client, or a broker for tests.
pub(crate) enum Handle {
    Producer(Producer),
    Consumer(Consumer),
    Admin(Admin),
    Broker(TestBroker),
}

impl Handle {
    pub(crate) fn producer(&self) -> Result<&Producer, Thrown> {
        if let Self::Producer(producer) = self { Ok(producer) } else { Err(Thrown::defect("no producer")) }
    }

    pub(crate) fn consumer(&self) -> Result<&Consumer, Thrown> {
        if let Self::Consumer(consumer) = self { Ok(consumer) } else { Err(Thrown::defect("no consumer")) }
    }

    pub(crate) fn admin(&self) -> Result<&Admin, Thrown> {
        if let Self::Admin(admin) = self { Ok(admin) } else { Err(Thrown::defect("no admin client")) }
    }

    pub(crate) fn broker(&self) -> Result<&TestBroker, Thrown> {
        if let Self::Broker(broker) = self { Ok(broker) } else { Err(Thrown::defect("no broker")) }
    }
}
