//! One client instance with the task that does its commands, one after the other.

use crate::admin::AdminHandle;
use crate::command::Command;
use crate::consumer::ConsumerHandle;
use crate::fault::Fault;
use crate::producer::ProducerHandle;
use serde_json::json;
use std::sync::Arc;
use tokio::sync::{Notify, mpsc};

/// Commands waiting for one client; the suite gives few at a time.
const QUEUE_COMMANDS: usize = 256;

/// The way to a client's task. The task ends with its last command when the handle is dropped.
pub(crate) struct Handle {
    commands: mpsc::Sender<Command>,
    /// Ends a consumer's poll.
    wakeup: Arc<Notify>,
}

enum Client {
    Producer(ProducerHandle),
    Consumer(ConsumerHandle),
    Admin(AdminHandle),
}

impl Handle {
    /// Starts the task of a client that `op` will create.
    pub(crate) fn create(op: &str) -> Result<Self, Fault> {
        let wakeup = Arc::new(Notify::new());
        let client = match op {
            "producer.create" => Client::Producer(ProducerHandle::default()),
            "consumer.create" => Client::Consumer(ConsumerHandle::new(Arc::clone(&wakeup))),
            "admin.create" => Client::Admin(AdminHandle::default()),
            _ => return Err(Fault::Own("UNSUPPORTED", op.to_owned())),
        };
        let (commands, receiver) = mpsc::channel(QUEUE_COMMANDS);
        tokio::spawn(work(client, receiver));
        Ok(Self { commands, wakeup })
    }

    pub(crate) async fn submit(&self, command: Command) {
        if command.op == "consumer.wakeup" {
            // Does not wait for its turn: what it ends is under way.
            self.wakeup.notify_one();
            return command.succeed(json!({}));
        }
        if let Err(mpsc::error::SendError(command)) = self.commands.send(command).await {
            command.fail(&Fault::state("the client's task has ended".to_owned()));
        }
    }
}

async fn work(mut client: Client, mut commands: mpsc::Receiver<Command>) {
    while let Some(command) = commands.recv().await {
        let patience = command.deadline;
        let work = async {
            match &mut client {
                Client::Producer(producer) => producer.execute(&command).await,
                Client::Consumer(consumer) => consumer.execute(&command).await.map(Some),
                Client::Admin(admin) => admin.execute(&command).await.map(Some),
            }
        };
        match tokio::time::timeout(patience, work).await {
            Ok(Ok(Some(result))) => command.succeed(result),
            Ok(Ok(None)) => producer_answers_later(client_deliveries(&mut client), command),
            Ok(Err(fault)) => command.fail(&fault),
            Err(_) => command.fail(&Fault::Own("TIMEOUT", "deadline passed".to_owned())),
        }
    }
}

/// The deliveries a send left to be waited for.
fn client_deliveries(client: &mut Client) -> Vec<crate::producer::Sent> {
    match client {
        Client::Producer(producer) => producer.take_sent(),
        Client::Consumer(_) | Client::Admin(_) => Vec::new(),
    }
}

fn producer_answers_later(sent: Vec<crate::producer::Sent>, command: Command) {
    tokio::spawn(async move {
        let outcome = tokio::time::timeout(command.deadline, crate::producer::settle(sent)).await;
        let late = || Err(Fault::Own("TIMEOUT", "deadline passed".to_owned()));
        command.answer(outcome.map_or_else(|_| late(), Ok));
    });
}
