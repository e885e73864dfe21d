ie_program(verdict_http_bench LINKS ie_actors
  SOURCES verdict_http_bench.cpp bare_curl_loop.cpp instant_http_server.cpp)
