// Parcels on a ZeroMQ socket (docs/wire.md): an empty delimiter, head, body and, for mail, the
// bytes. A mail's bytes are sent and received without a copy. Never blocks.
#pragma once

#include <zmq.hpp>

#include "gateway/client/frames.hpp"

namespace ie {

// A frame that keeps `bytes` alive until ZeroMQ has sent it.
zmq::message_t frame_of(mail_bytes bytes);
zmq::message_t frame_of(std::string_view text);  // copies

// Bytes that keep the received frame alive.
mail_bytes bytes_of(zmq::message_t frame);

// Neither copies; valid as long as the frame is.
std::string_view view_of(const zmq::message_t& frame);

// All frames of the next message, of which those beyond `frames_max` are dropped, unread; empty
// where none has come. `more_came`, where given, says whether there were any.
std::vector<zmq::message_t> receive_frames(zmq::socket_ref socket, size_t frames_max,
                                           bool* more_came = nullptr);

// All frames or none. 0, or ZeroMQ's errno: EAGAIN where nobody is there or the queue is full,
// EHOSTUNREACH where a ROUTER's peer has gone.
int send_frames(zmq::socket_ref socket, std::vector<zmq::message_t>& frames);

// What send_frames and a peer expect: the delimiter first.
std::vector<zmq::message_t> frames_of(parcel out);

// Nothing where none has come. Fails: bad_request (not a parcel; the rest of it is dropped).
std::optional<outcome<parcel>> receive_parcel(zmq::socket_ref socket);

}  // namespace ie
