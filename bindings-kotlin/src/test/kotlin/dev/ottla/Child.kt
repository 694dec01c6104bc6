package dev.ottla

import dev.ottla.testing.TestBroker
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.GlobalScope
import kotlinx.coroutines.launch
import kotlinx.coroutines.runBlocking
import java.nio.file.Files
import java.nio.file.Path
import java.util.concurrent.CompletableFuture
import java.util.concurrent.TimeUnit
import kotlin.system.exitProcess

/** What is run in a process of its own, by name: how a process ends, and what it leaves. */
internal object Child {
    @JvmStatic
    fun main(arguments: Array<String>) {
        val told = arguments.drop(1)
        when (arguments[0]) {
            "end-unclosed" -> send(told[0], 1000)
            "wait-unclosed" -> {
                send(told[0], told[1].toInt())
                println("sent")
                Thread.sleep(60_000)
            }
            "exit-while-busy" -> exitWhileBusy()
            "probe-twice" -> repeat(2) { println(TwoLoaders.probe()) }
            else -> error("nothing is called ${arguments[0]}")
        }
    }

    private fun send(bootstrap: String, count: Int) = runBlocking {
        val producer = Producer("bootstrap.servers" to bootstrap, "linger.ms" to 60_000)
        repeat(count) { producer.enqueue(ProducerRecord("t", "$it", partition = 0)) }
    }

    @OptIn(kotlinx.coroutines.DelicateCoroutinesApi::class)
    private fun exitWhileBusy(): Nothing = runBlocking {
        val broker = TestBroker.start()
        broker.createTopic("t")
        val producer = broker.producer("linger.ms" to 0)
        repeat(4) { GlobalScope.launch(Dispatchers.Default) { while (true) producer.send("t", "v") } }
        val consumer = broker.consumer("group.id" to "g")
        consumer.subscribe("t")
        var seen = 0
        GlobalScope.launch(Dispatchers.Default) { consumer.records().collect { seen++ } }
        until("records come") { seen > 100 }
        exitProcess(3)
    }

    /** A child that ended. */
    class Ended(val status: Int, val output: String, val errors: String)

    fun start(vararg arguments: String, flags: List<String> = libraryFlags): Process {
        val command = listOf(java, "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC") + flags + listOf("dev.ottla.Child") + arguments
        return ProcessBuilder(command).start()
    }

    /** Waits for the child; one that does not end is killed, and fails the test. */
    fun Process.end(): Ended {
        val errors = errorStream
        val read = CompletableFuture.supplyAsync { errors.reader().readText() }
        val output = inputStream.reader().readText()
        if (!waitFor(LIMIT.inWholeSeconds, TimeUnit.SECONDS)) {
            destroyForcibly()
            throw AssertionError("the process did not end: $output")
        }
        return Ended(exitValue(), output, read.get())
    }

    val java: String = ProcessHandle.current().info().command().get()
    val libraryFlags = listOf("-Dottla.library.path=" + System.getProperty("ottla.library.path"), "-cp", System.getProperty("java.class.path"))

    /** As a jar would: the library among the resources, with a temporary folder to unpack it to. */
    fun jarFlags(temporary: Path): List<String> {
        // Development builds lay the library out as a jar does, four folders below what belongs on the class path.
        val resources = Path.of(System.getProperty("ottla.library.path")).parent.parent.parent
        check(Files.isDirectory(resources.resolve("native"))) { "$resources is not laid out as a jar" }
        return listOf("-Djava.io.tmpdir=$temporary", "-cp", System.getProperty("java.class.path") + ":" + resources)
    }
}
