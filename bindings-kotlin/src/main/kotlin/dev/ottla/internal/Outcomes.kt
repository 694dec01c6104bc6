package dev.ottla.internal

import dev.ottla.KafkaException

/**
 * What became of each item of a call. Throws what the first item failed with that did; that error tells of all of them.
 */
internal fun <K : Any, V : Any> outcomes(json: Any?, key: (Any?) -> K, value: (Any?) -> V): Map<K, V> {
    val values = LinkedHashMap<K, V>()
    val all = LinkedHashMap<Any, Any>()
    var first: KafkaException? = null
    for (item in json as List<*>) {
        val of = key(item.member("key"))
        val error = item.member("error")?.let { KafkaException.of(it) }
        if (error == null) {
            values[of] = value(item.member("value"))
            all[of] = values.getValue(of)
        } else {
            if (first == null) first = error
            all[of] = error
        }
    }
    if (first != null) {
        first.results = all
        throw first
    }
    return values
}

/** An object of texts to something. */
internal fun <V> texts(json: Any?, value: (Any?) -> V): Map<String, V> =
    (json as Map<*, *>).entries.associate { (name, each) -> name as String to value(each) }
