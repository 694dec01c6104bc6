package dev.ottla.internal

/**
 * JSON as control calls need it: objects are maps that keep their order, arrays are lists, whole numbers are longs, other
 * numbers doubles, and null is null.
 */
internal object Json {
    fun parse(text: String): Any? = Reader(text).document()

    fun parse(bytes: ByteArray): Any? = parse(String(bytes, Charsets.UTF_8))

    fun write(value: Any?): String = StringBuilder().also { write(value, it) }.toString()

    fun bytes(value: Any?): ByteArray = write(value).toByteArray(Charsets.UTF_8)

    private fun write(value: Any?, to: StringBuilder) {
        when (value) {
            null -> to.append("null")
            is String -> quote(value, to)
            is Number, is Boolean -> to.append(value.toString())
            is Map<*, *> -> {
                to.append('{')
                var first = true
                for ((name, each) in value) {
                    if (!first) to.append(',')
                    first = false
                    quote(name.toString(), to)
                    to.append(':')
                    write(each, to)
                }
                to.append('}')
            }
            is Iterable<*> -> {
                to.append('[')
                var first = true
                for (each in value) {
                    if (!first) to.append(',')
                    first = false
                    write(each, to)
                }
                to.append(']')
            }
            else -> throw IllegalArgumentException("JSON has no ${value.javaClass.name}")
        }
    }

    private fun quote(text: String, to: StringBuilder) {
        to.append('"')
        for (character in text) {
            when {
                character == '"' || character == '\\' -> to.append('\\').append(character)
                // A lone half of a pair has no UTF-8: escaped, the core says what is wrong with it.
                character < ' ' || character.isSurrogate() -> escape(character, to)
                else -> to.append(character)
            }
        }
        to.append('"')
    }

    private fun escape(character: Char, to: StringBuilder) {
        to.append("\\u").append(character.code.toString(16).padStart(4, '0'))
    }

    private class Reader(private val text: String) {
        private var at = 0

        fun document(): Any? {
            val value = value()
            space()
            if (at != text.length) wrong("the end")
            return value
        }

        private fun value(): Any? {
            space()
            return when (peek()) {
                '{' -> map()
                '[' -> list()
                '"' -> string()
                't' -> word("true", true)
                'f' -> word("false", false)
                'n' -> word("null", null)
                else -> number()
            }
        }

        private fun map(): Map<String, Any?> {
            val map = LinkedHashMap<String, Any?>()
            at++
            if (next('}')) return map
            do {
                space()
                if (peek() != '"') wrong("a name")
                val name = string()
                if (!next(':')) wrong("a colon")
                map[name] = value()
            } while (next(','))
            if (!next('}')) wrong("a closing brace")
            return map
        }

        private fun list(): List<Any?> {
            val list = ArrayList<Any?>()
            at++
            if (next(']')) return list
            do list.add(value()) while (next(','))
            if (!next(']')) wrong("a closing bracket")
            return list
        }

        private fun string(): String {
            val start = ++at
            val end = text.indexOf('"', start)
            if (end >= 0 && text.indexOf('\\', start).let { it < 0 || it > end }) {
                at = end + 1
                return text.substring(start, end)
            }
            val made = StringBuilder()
            while (true) {
                when (val character = take()) {
                    '"' -> return made.toString()
                    '\\' -> made.append(escaped())
                    else -> made.append(character)
                }
            }
        }

        private fun escaped(): Char = when (val character = take()) {
            'n' -> '\n'
            't' -> '\t'
            'r' -> '\r'
            'b' -> '\b'
            'f' -> '\u000C'
            'u' -> {
                if (at + 4 > text.length) wrong("four digits")
                val code = text.substring(at, at + 4).toIntOrNull(16) ?: wrong("four digits")
                at += 4
                code.toChar()
            }
            else -> character
        }

        private fun number(): Number {
            val start = at
            while (at < text.length && (text[at].isLetterOrDigit() || text[at] in "+-.")) at++
            val digits = text.substring(start, at)
            return digits.toLongOrNull() ?: digits.toDoubleOrNull() ?: wrong("a value")
        }

        private fun <T> word(word: String, value: T): T {
            if (!text.startsWith(word, at)) wrong(word)
            at += word.length
            return value
        }

        private fun next(wanted: Char): Boolean {
            space()
            if (peek() != wanted) return false
            at++
            return true
        }

        private fun space() {
            while (at < text.length && text[at] in " \t\r\n") at++
        }

        private fun peek(): Char = if (at < text.length) text[at] else '\u0000'

        private fun take(): Char = if (at < text.length) text[at++] else wrong("the rest of a text")

        private fun wrong(expected: String): Nothing =
            throw IllegalArgumentException("JSON: $expected is missing at character $at of ${text.take(200)}")
    }
}

/** The members of an object that was parsed. */
internal fun Any?.member(name: String): Any? = (this as Map<*, *>)[name]

internal fun Any?.text(name: String): String = member(name) as String

internal fun Any?.long(name: String): Long = (member(name) as Number).toLong()

internal fun Any?.int(name: String): Int = (member(name) as Number).toInt()

internal fun Any?.flag(name: String): Boolean = member(name) as Boolean

internal fun Any?.list(name: String): List<*> = member(name) as List<*>
