// A server's million sender objects, as the rate limiter's benchmarks have them: 10,000 accounts
// with four domains and five scripts each, 900,000 addresses in the domains. Pure.
#pragma once

#include <cmath>
#include <random>

#include "messages/sender_object.hpp"

namespace ie {

class sender_crowd {
  public:
    static constexpr uint32_t accounts = 10'000;
    static constexpr uint32_t domains = 40'000;
    static constexpr uint32_t scripts = 50'000;
    static constexpr uint32_t addresses = 900'000;
    static constexpr size_t objects = accounts + domains + scripts + addresses;

    // Zipf: a few send most, the n-th of all addresses 1/n of what the first one does; otherwise
    // all send alike.
    explicit sender_crowd(bool zipf) : zipf_(zipf) {}

    // Of whoever sends the next message.
    object_keys next() {
        if (!zipf_) return of_address(static_cast<uint32_t>(random_() % addresses));
        // Rank r with a probability of about 1/r, by the inverse of its integral.
        const double uniform = std::uniform_real_distribution<double>(0, 1)(random_);
        return of_address(scattered(static_cast<uint32_t>(std::pow(addresses, uniform)) - 1));
    }

    static object_keys of_address(uint32_t address) {
        const uint32_t domain = address % domains;
        const uint32_t account = domain % accounts;
        const uint32_t script = account + accounts * (address / domains % (scripts / accounts));
        return {key_of(sender_kind::account, account), key_of(sender_kind::domain, domain),
                key_of(sender_kind::sender_email, address), key_of(sender_kind::script, script)};
    }

    // Each address once, neighbours far apart.
    static uint32_t scattered(uint32_t number) {
        return static_cast<uint32_t>(number * 2'654'435'761ULL % addresses);
    }

  private:
    // Spread as by a hash (SplitMix64), which is what keys are.
    static object_key key_of(sender_kind kind, uint64_t number) {
        uint64_t state = (number + 1) * sender_kinds + static_cast<uint64_t>(kind);
        const auto next = [&state] {
            state += 0x9e3779b97f4a7c15;
            uint64_t z = state;
            z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
            z = (z ^ z >> 27) * 0x94d049bb133111eb;
            return z ^ z >> 31;
        };
        const uint64_t high = next();
        return {high, next()};
    }

    bool zipf_;
    std::mt19937_64 random_{42};
};

}  // namespace ie
