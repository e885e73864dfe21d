// Tells systemd how this process is (sd_notify(3)): a datagram each, to the socket that it named in
// the environment. Silent where it named none. A datagram that can't be sent is one that systemd
// misses, and then acts upon. Thread-safe.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace ie {

class service_notice {
  public:
    service_notice() = default;  // silent

    // By NOTIFY_SOCKET, WATCHDOG_USEC and WATCHDOG_PID. Read it before threads are started.
    static service_notice of_environment();

    // How long systemd waits for the next alive() before it starts the service anew; 0: for ever.
    int64_t watchdog_ms() const { return watchdog_ms_; }

    void ready() const { tell("READY=1"); }  // started, or reloaded
    void reloading() const { tell("RELOADING=1"); }
    void stopping() const { tell("STOPPING=1"); }
    void alive() const { tell("WATCHDOG=1"); }

  private:
    void tell(std::string_view state) const;

    std::string socket_;  // as sockaddr_un has it; empty: silent
    int64_t watchdog_ms_ = 0;
};

}  // namespace ie
