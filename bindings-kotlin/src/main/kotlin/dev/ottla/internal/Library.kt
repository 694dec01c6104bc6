package dev.ottla.internal

import java.nio.file.Files
import java.nio.file.Path
import java.nio.file.StandardCopyOption

/**
 * Loads the native library, once for each class loader: from the file the system property `ottla.library.path` names, else
 * from the jar, copied to a file of its own that goes with the process.
 */
internal object Library {
    private const val PATH = "ottla.library.path"

    fun load() {
        val chosen = System.getProperty(PATH)
        if (!chosen.isNullOrEmpty()) {
            System.load(Path.of(chosen).toAbsolutePath().toString())
            return
        }
        val extracted = extract()
        try {
            System.load(extracted.toString())
        } finally {
            // What is loaded needs the file no more, except on Windows, where it goes when the process ends.
            if (!extracted.toFile().delete()) extracted.toFile().deleteOnExit()
        }
    }

    /** Where the jar has the library for this machine: `native/linux-x86-64/libottla_jni.so`. */
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
            else -> "native/${os.replace(' ', '-')}-$arch/libottla_jni.so"
        }
    }

    private fun extract(): Path {
        val resource = resource()
        val source = Library::class.java.classLoader.getResourceAsStream(resource)
            ?: throw UnsatisfiedLinkError(
                "Ottla has no native library for this machine: the jar has no $resource. " +
                    "Set the system property $PATH to the file of one that was built for it.",
            )
        val file = Files.createTempFile("ottla-", "-" + resource.substringAfterLast('/'))
        source.use { Files.copy(it, file, StandardCopyOption.REPLACE_EXISTING) }
        return file
    }
}
