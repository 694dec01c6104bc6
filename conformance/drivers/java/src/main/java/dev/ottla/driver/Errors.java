package dev.ottla.driver;

import com.google.gson.JsonNull;
import com.google.gson.JsonObject;
import com.google.gson.JsonPrimitive;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.consumer.CommitFailedException;
import org.apache.kafka.clients.consumer.NoOffsetForPartitionException;
import org.apache.kafka.clients.consumer.OffsetOutOfRangeException;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.config.ConfigException;
import org.apache.kafka.common.errors.ApiException;
import org.apache.kafka.common.errors.AuthorizationException;
import org.apache.kafka.common.errors.FencedInstanceIdException;
import org.apache.kafka.common.errors.InvalidProducerEpochException;
import org.apache.kafka.common.errors.ProducerFencedException;
import org.apache.kafka.common.errors.RetriableException;
import org.apache.kafka.common.errors.UnsupportedVersionException;

/** What the protocol says of an error. */
final class Errors {
    private Errors() {}

    static JsonObject describe(Throwable thrown) {
        Throwable error = unwrap(thrown);
        Integer code = code(error);
        JsonObject json = new JsonObject();
        json.add("code", code == null ? JsonNull.INSTANCE : new JsonPrimitive(code));
        json.addProperty("name", code == null ? name(error) : org.apache.kafka.common.protocol.Errors.forCode(code.shortValue()).name());
        json.addProperty("retriable", error instanceof RetriableException);
        json.addProperty("fatal", error instanceof ProducerFencedException || error instanceof FencedInstanceIdException
                || error instanceof InvalidProducerEpochException || error instanceof AuthorizationException
                || error instanceof UnsupportedVersionException);
        json.addProperty("message", error.getClass().getName() + ": " + error.getMessage());
        return json;
    }

    /** Clients wrap what happened more than once; the innermost error with a protocol code is the one to report. */
    private static Throwable unwrap(Throwable thrown) {
        Throwable error = thrown;
        while ((error instanceof ExecutionException || error instanceof CompletionException
                || error.getClass() == KafkaException.class) && error.getCause() != null) {
            error = error.getCause();
        }
        return error;
    }

    private static Integer code(Throwable error) {
        if (error instanceof OffsetOutOfRangeException) {
            return 1;
        }
        if (!(error instanceof ApiException)) {
            return null;
        }
        org.apache.kafka.common.protocol.Errors known = org.apache.kafka.common.protocol.Errors.forException(error);
        boolean guessed = known == org.apache.kafka.common.protocol.Errors.UNKNOWN_SERVER_ERROR
                && !(error instanceof org.apache.kafka.common.errors.UnknownServerException);
        return guessed ? null : (int) known.code();
    }

    private static String name(Throwable error) {
        if (error instanceof java.util.concurrent.TimeoutException) {
            return "TIMEOUT";
        } else if (error instanceof NoOffsetForPartitionException) {
            return "NO_OFFSET";
        } else if (error instanceof CommitFailedException) {
            return "COMMIT_FAILED";
        } else if (error instanceof IllegalStateException) {
            return "ILLEGAL_STATE";
        } else if (error instanceof IllegalArgumentException || error instanceof ConfigException) {
            return "INVALID_ARGUMENT";
        } else if (error instanceof UnsupportedOperationException) {
            return "UNSUPPORTED";
        }
        return "OTHER";
    }
}
