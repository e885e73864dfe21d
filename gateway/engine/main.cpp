// ie-engine
#include "gateway/engine/engine_program.hpp"

int main(int argc, char** argv) {
    return ie::run_engine(argc, argv);
}
