package dev.ottla.internal

import java.io.File
import java.io.IOException
import java.nio.file.Files
import java.nio.file.Path

/**
 * Loads the native library, once for each class loader that loads these classes: from the file the system property
 * `ottla.library.path` names, else from the jar, copied to a private temporary folder that is gone when this returns.
 *
 * The JVM binds a library to one class loader. A second one that is pointed to the same file loads a copy of it, so that
 * each has an image of its own, which shares nothing with the other.
 */
internal object Library {
    private const val PATH = "ottla.library.path"

    fun load() {
        val chosen = System.getProperty(PATH)
        if (chosen.isNullOrEmpty()) {
            val resource = resource()
            return loadCopy(resource.substringAfterLast('/')) { to ->
                val source = Library::class.java.classLoader.getResourceAsStream(resource) ?: throw UnsatisfiedLinkError(
                    "Ottla has no native library for this machine: the jar has no $resource. " +
                        "Set the system property $PATH to the file of one that was built for it.",
                )
                source.use { Files.copy(it, to) }
            }
        }
        val path = Path.of(chosen).toAbsolutePath()
        try {
            System.load(path.toString())
        } catch (refused: UnsatisfiedLinkError) {
            if (!isTakenByAnotherLoader(refused)) throw refused
            loadCopy(path.fileName.toString()) { to -> Files.copy(path, to) }
        }
    }

    /** The JVM has no other way to say it than the text. */
    private fun isTakenByAnotherLoader(refused: UnsatisfiedLinkError) =
        refused.message.orEmpty().contains("already loaded in another classloader")

    /** Where the jar has the library for this machine: `native/linux-x86-64/libottla_jni.so`, `native/linux-aarch64-musl/…`. */
    private fun resource(): String {
        val os = System.getProperty("os.name").lowercase()
        val arch = when (val name = System.getProperty("os.arch").lowercase()) {
            "amd64", "x86_64", "x86-64" -> "x86-64"
            "arm64", "aarch64" -> "aarch64"
            else -> name
        }
        return when {
            os.startsWith("mac") -> "native/darwin-$arch/libottla_jni.dylib"
            os.startsWith("windows") -> "native/windows-$arch/ottla_jni.dll"
            else -> "native/${os.replace(' ', '-')}-$arch${if (isMusl()) "-musl" else ""}/libottla_jni.so"
        }
    }

    /** Whether this JVM runs on musl: then musl's loader, which is its C library as well, is mapped into the process. */
    internal fun isMusl(maps: File = File("/proc/self/maps")): Boolean =
        try {
            maps.useLines { lines -> lines.any { it.substringAfterLast('/').startsWith("ld-musl-") } }
        } catch (_: IOException) {
            // No Linux, or a locked-up one: what there is most of.
            false
        }

    private fun loadCopy(name: String, copy: (Path) -> Unit) {
        // Nobody else can enter it, so that what is loaded is what was copied.
        val folder = Files.createTempDirectory("ottla-")
        val file = folder.resolve(name)
        try {
            copy(file)
            System.load(file.toString())
        } catch (refused: UnsatisfiedLinkError) {
            throw hinted(refused, folder)
        } finally {
            // What is loaded needs the file no more, except on Windows, where it goes when the process ends.
            if (!Files.exists(file) || file.toFile().delete()) {
                Files.deleteIfExists(folder)
            } else {
                folder.toFile().deleteOnExit()
                file.toFile().deleteOnExit()
            }
        }
    }

    private fun hinted(refused: UnsatisfiedLinkError, folder: Path): UnsatisfiedLinkError {
        if (!refused.message.orEmpty().contains("failed to map segment")) return refused
        val told = UnsatisfiedLinkError(
            "Ottla's native library cannot be loaded from ${folder.parent}, where no code may run (noexec): set java.io.tmpdir " +
                "to another folder, or $PATH to a file of the library (${refused.message})",
        )
        told.initCause(refused)
        return told
    }
}
