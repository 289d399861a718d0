#pragma once
#include <stdio.h>

/// Opens a file descriptor as a stream that decompresses gzip and passes everything else through as it is.
/// The stream owns the descriptor. NULL where there is no memory for it.
FILE *butterflynet_open_gzip(int descriptor);

