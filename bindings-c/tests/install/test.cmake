# cmake -DBUILD=… -DFOLDER=… -DSOURCE=… -DLIBDIR=… -DVERSION=… -DCC=… -P test.cmake

# Runs a command, which must succeed; its output goes to OUTPUT.
function(run)
  execute_process(COMMAND ${ARGN} RESULT_VARIABLE result OUTPUT_VARIABLE output ERROR_VARIABLE output)
  if(NOT result EQUAL 0)
    list(JOIN ARGN " " command)
    message(FATAL_ERROR "${command}\ngave ${result}:\n${output}")
  endif()
  set(OUTPUT "${output}" PARENT_SCOPE)
endfunction()

set(PREFIX "${FOLDER}/prefix")
file(REMOVE_RECURSE "${FOLDER}")
run(${CMAKE_COMMAND} --install "${BUILD}" --prefix "${PREFIX}")

foreach(file include/ottla.h include/ottla.hpp ${LIBDIR}/libottla.so.0 ${LIBDIR}/libottla.so ${LIBDIR}/libottla.a
    ${LIBDIR}/pkgconfig/ottla.pc ${LIBDIR}/cmake/ottla/ottla-config.cmake ${LIBDIR}/cmake/ottla/ottla-config-version.cmake)
  if(NOT EXISTS "${PREFIX}/${file}")
    message(FATAL_ERROR "${file} is not installed")
  endif()
endforeach()
file(READ_SYMLINK "${PREFIX}/${LIBDIR}/libottla.so" link)
if(NOT link STREQUAL "libottla.so.0")
  message(FATAL_ERROR "libottla.so leads to ${link}")
endif()

# find_package: four programs.
run(${CMAKE_COMMAND} -S "${SOURCE}" -B "${FOLDER}/consumer" "-DCMAKE_PREFIX_PATH=${PREFIX}" -DCMAKE_BUILD_TYPE=Release)
run(${CMAKE_COMMAND} --build "${FOLDER}/consumer" --parallel 2)
foreach(program c_shared c_static cxx_shared cxx_static)
  run("${FOLDER}/consumer/${program}")
endforeach()

# What a .pc file says, for machines without pkg-config: its variables and fields, as far as this file has them.
function(read_package file field to)
  get_filename_component(pcfiledir "${file}" DIRECTORY)
  file(STRINGS "${file}" lines)
  foreach(line IN LISTS lines)
    if(line MATCHES "^([a-z]+)=(.*)$")
      string(CONFIGURE "${CMAKE_MATCH_2}" ${CMAKE_MATCH_1})
    elseif(line MATCHES "^${field}: *(.*)$")
      string(CONFIGURE "${CMAKE_MATCH_1}" found)
      set(${to} "${found}" PARENT_SCOPE)
    endif()
  endforeach()
endfunction()

# pkg-config: one more, and the version.
find_program(PKG_CONFIG NAMES pkg-config pkgconf)
if(PKG_CONFIG)
  set(ENV{PKG_CONFIG_PATH} "${PREFIX}/${LIBDIR}/pkgconfig")
  run("${PKG_CONFIG}" --modversion ottla)
  string(STRIP "${OUTPUT}" version)
  run("${PKG_CONFIG}" --cflags --libs ottla)
  string(STRIP "${OUTPUT}" flags)
else()
  read_package("${PREFIX}/${LIBDIR}/pkgconfig/ottla.pc" Version version)
  read_package("${PREFIX}/${LIBDIR}/pkgconfig/ottla.pc" Cflags cflags)
  read_package("${PREFIX}/${LIBDIR}/pkgconfig/ottla.pc" Libs libs)
  set(flags "${cflags} ${libs}")
endif()
if(NOT version STREQUAL VERSION)
  message(FATAL_ERROR "ottla.pc says version ${version}, not ${VERSION}")
endif()
separate_arguments(flags UNIX_COMMAND "${flags}")
run("${CC}" "${SOURCE}/program.c" ${flags} -o "${FOLDER}/by_pkg_config")
# Programs ask for the versioned name: the link is needed only to build them.
file(REMOVE "${PREFIX}/${LIBDIR}/libottla.so")
set(ENV{LD_LIBRARY_PATH} "${PREFIX}/${LIBDIR}")
run("${FOLDER}/by_pkg_config")
run("${FOLDER}/consumer/cxx_shared")

# What was installed is large.
file(REMOVE_RECURSE "${FOLDER}")
