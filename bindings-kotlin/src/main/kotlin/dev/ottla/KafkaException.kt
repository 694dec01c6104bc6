package dev.ottla

import dev.ottla.internal.flag
import dev.ottla.internal.member
import dev.ottla.internal.text

/** What an error tells; [KafkaException] shows it. */
internal class ErrorDetail(
    val kind: ErrorKind,
    val code: Int?,
    val codeName: String?,
    val reason: String,
    val operation: String,
    val context: Map<String, String>,
    val hint: String?,
    val retriable: Boolean,
    val fatal: Boolean,
    val requiresAbort: Boolean,
    val outcomeUnknown: Boolean,
    val text: String,
)

/**
 * Whatever goes wrong with Kafka: one subclass for each [ErrorKind]. [message] says all of it in one line, as a person reads
 * it.
 */
public sealed class KafkaException(private val detail: ErrorDetail) : RuntimeException(detail.text) {
    /** What sort of failure it is. */
    public val kind: ErrorKind get() = detail.kind

    /** The broker's error code; null when no broker sent one. */
    public val code: Int? get() = detail.code

    /** Kafka's name of [code]: `NOT_LEADER_OR_FOLLOWER`. */
    public val codeName: String? get() = detail.codeName

    /** What went wrong, without operation, context and hint. */
    public val reason: String get() = detail.reason

    /** What was being done. */
    public val operation: String get() = detail.operation

    /** Facts: broker, topic, partition, group, offset … */
    public val context: Map<String, String> get() = detail.context

    /** What a person should do next. */
    public val hint: String? get() = detail.hint

    /** Whether the same call may succeed later without a change. */
    public val retriable: Boolean get() = detail.retriable

    /** Whether the client must be closed: no later call of it can succeed. */
    public val fatal: Boolean get() = detail.fatal

    /** Whether the open transaction can only be aborted; the producer stays usable afterwards. */
    public val requiresAbort: Boolean get() = detail.requiresAbort

    /** Whether what was asked for may have taken effect although it failed here. */
    public val outcomeUnknown: Boolean get() = detail.outcomeUnknown

    /**
     * What became of each item, where a call of the admin client had several and this is the first of their failures: a
     * value or a [KafkaException] by the item's key. Empty otherwise.
     */
    public var results: Map<Any, Any> = emptyMap()
        internal set

    internal companion object {
        fun of(json: Any?): KafkaException = exceptionOf(
            ErrorDetail(
                kind = kinds[json.text("kind")] ?: ErrorKind.INTERNAL,
                code = (json.member("code") as Long?)?.toInt(),
                codeName = json.member("code_name") as String?,
                reason = json.text("message"),
                operation = json.text("operation"),
                context = (json.member("context") as Map<*, *>).entries.associate { (name, value) ->
                    name.toString() to value.toString()
                },
                hint = json.member("hint") as String?,
                retriable = json.flag("retriable"),
                fatal = json.flag("fatal"),
                requiresAbort = json.flag("requires_abort"),
                outcomeUnknown = json.flag("outcome_unknown"),
                text = json.text("text"),
            ),
        )

        /** An error that is found on this side. */
        fun own(kind: ErrorKind, operation: String, reason: String, hint: String? = null): KafkaException = exceptionOf(
            ErrorDetail(
                kind, null, null, reason, operation, emptyMap(), hint,
                retriable = kind == ErrorKind.TIMEOUT, fatal = false, requiresAbort = false, outcomeUnknown = false,
                text = "cannot $operation: $reason" + if (hint == null) "" else " ($hint)",
            ),
        )

        fun closed(operation: String): KafkaException =
            own(ErrorKind.CLOSED, operation, "the client was closed")

        private val kinds = ErrorKind.entries.associateBy { it.name.lowercase() }
    }
}
