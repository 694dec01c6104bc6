package dev.ottla.driver

import com.google.gson.JsonObject

/** Commands for an admin client. */
internal class AdminHandle : Client {
    override suspend fun execute(command: Command): JsonObject = throw Fault("UNSUPPORTED", command.op)

    companion object {
        val OPERATIONS: List<String> = emptyList()
    }
}
