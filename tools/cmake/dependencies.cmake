# Every library that the project links, from Debian's packages (tools/setup).
find_package(PkgConfig REQUIRED)
find_package(Threads REQUIRED)
find_package(spdlog REQUIRED)
find_package(nlohmann_json REQUIRED)
find_package(CLI11 REQUIRED)
find_package(CURL REQUIRED)
find_package(OpenSSL REQUIRED)
find_package(CAF REQUIRED)
find_package(SQLiteCpp REQUIRED)
find_package(GTest REQUIRED)
pkg_check_modules(zmq REQUIRED IMPORTED_TARGET libzmq)
# Its headers need none of the folders of its own dependencies, which CMake 3.25 would pass on one way when it
# configures first and another way when it does so again: half the tree was then compiled twice.
set_target_properties(PkgConfig::zmq PROPERTIES
  INTERFACE_INCLUDE_DIRECTORIES "" INTERFACE_COMPILE_OPTIONS "")
pkg_check_modules(tomlplusplus REQUIRED IMPORTED_TARGET tomlplusplus)
pkg_check_modules(idn2 REQUIRED IMPORTED_TARGET libidn2)
pkg_check_modules(gmime REQUIRED IMPORTED_TARGET gmime-3.0)
pkg_check_modules(archive REQUIRED IMPORTED_TARGET libarchive)
pkg_check_modules(xxhash REQUIRED IMPORTED_TARGET libxxhash)
pkg_check_modules(sqlite REQUIRED IMPORTED_TARGET sqlite3)
pkg_check_modules(jemalloc REQUIRED IMPORTED_TARGET jemalloc)

# msgpack-cxx is headers only; without this definition it would want Boost.
add_library(ie_msgpack INTERFACE)
target_compile_definitions(ie_msgpack INTERFACE MSGPACK_NO_BOOST)

# The engine's malloc; sanitizers bring their own.
add_library(ie_allocator INTERFACE)
if(NOT IE_SANITIZE)
  target_link_libraries(ie_allocator INTERFACE PkgConfig::jemalloc)
endif()
