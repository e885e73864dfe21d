# How every target of ours is compiled.
add_library(ie_options INTERFACE)
target_include_directories(ie_options INTERFACE ${CMAKE_SOURCE_DIR})
target_compile_options(ie_options INTERFACE
  -Wall -Wextra -Wpedantic -Wconversion -Wshadow -Werror)
target_compile_definitions(ie_options INTERFACE IE_VERSION="${PROJECT_VERSION}")
# What is installed reads strangers' mail: what can be checked for little is, and no table of functions can be written.
if(NOT IE_SANITIZE)
  target_compile_options(ie_options INTERFACE -fstack-protector-strong
    $<$<CONFIG:RelWithDebInfo>:-D_FORTIFY_SOURCE=2>)
  target_link_options(ie_options INTERFACE -Wl,-z,relro,-z,now)
endif()
if(IE_SANITIZE)
  target_compile_options(ie_options INTERFACE
    -fsanitize=${IE_SANITIZE} -fno-sanitize-recover=all -fno-omit-frame-pointer)
  target_link_options(ie_options INTERFACE -fsanitize=${IE_SANITIZE})
  # Half the compile time of CAF's templates went into these, whose faults ASan finds too.
  if(IE_SANITIZE MATCHES undefined)
    target_compile_options(ie_options INTERFACE -fno-sanitize=null,alignment,vptr,object-size)
  endif()
endif()
# A third of the compile time went into debug information; function names and lines are what a backtrace needs.
target_compile_options(ie_options INTERFACE -g1)
# Without its time a precompiled header is the same again, and ccache knows what was compiled with it.
if(CMAKE_CXX_COMPILER_ID STREQUAL "Clang")
  target_compile_options(ie_options INTERFACE "SHELL:-Xclang -fno-pch-timestamp")
endif()
if(IE_FUZZ)
  target_compile_options(ie_options INTERFACE -fsanitize=fuzzer-no-link)
endif()

# ie_library(NAME LINKS target…): a static library; its files are added with target_sources().
function(ie_library name)
  cmake_parse_arguments(arg "" "" "LINKS" ${ARGN})
  add_library(${name} STATIC)
  target_link_libraries(${name} PUBLIC ie_options ${arg_LINKS})
endfunction()

# Lets a target that uses CAF share the one precompiled header of it.
function(ie_uses_caf target)
  target_precompile_headers(${target} REUSE_FROM ie_actors)
endfunction()

# ie_program(NAME LINKS target… SOURCES file…)
function(ie_program name)
  cmake_parse_arguments(arg "" "" "LINKS;SOURCES" ${ARGN})
  add_executable(${name} ${arg_SOURCES})
  target_link_libraries(${name} PRIVATE ie_options ${arg_LINKS})
endfunction()

# Clang's -Wconversion wants a cast for each `i` of a test's loop, which says nothing; g++'s doesn't.
add_library(ie_test_options INTERFACE)
target_compile_options(ie_test_options INTERFACE -Wno-sign-conversion)

# ie_test(NAME LINKS target… SOURCES file…): a GoogleTest program, run as one test of ctest.
function(ie_test name)
  cmake_parse_arguments(arg "" "" "LINKS;SOURCES" ${ARGN})
  add_executable(${name} ${arg_SOURCES})
  target_link_libraries(${name} PRIVATE ie_options ie_test_options ${arg_LINKS}
    GTest::gmock GTest::gtest_main)
  target_compile_definitions(${name} PRIVATE IE_SOURCE_DIR="${CMAKE_SOURCE_DIR}")
  if(arg_LINKS MATCHES "ie_actors|ie_gateway")
    ie_uses_caf(${name})
  endif()
  add_test(NAME ${name} COMMAND ${name} --gtest_brief=1)
  set_tests_properties(${name} PROPERTIES TIMEOUT 1500)  # so long only what hangs takes
endfunction()
