ie_program(bench_verdict LINKS ie_gateway SOURCES verdict_bench.cpp load_generator.cpp)
