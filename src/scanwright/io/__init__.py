"""Files to images and back: pictures, arrays, volumes and DICOM.

`read`, `write`, `probe` and `recognise` serve every format in `FORMATS`; `scan_series` and
`read_series` put DICOM files together; `write_dicom` and `write_dicom_series` make valid objects.
"""

from scanwright.io.catalog import FORMATS, format_of_suffix, probe, read, recognise, write
from scanwright.io.dicom import frame_order, open_tags
from scanwright.io.dicom_derive import derive_dicom, derive_dicom_series
from scanwright.io.dicom_write import write_dicom, write_dicom_series
from scanwright.io.format import Format
from scanwright.io.guard import reading
from scanwright.io.header import Header
from scanwright.io.limits import DEFAULT_LIMITS, ReadLimits, check_stored_bytes
from scanwright.io.series import Series, SeriesScan, read_series, scan_series
from scanwright.io.stack import stack_planes
from scanwright.io.tags import DicomTags, derive_uid

__all__ = [
    "DEFAULT_LIMITS",
    "FORMATS",
    "DicomTags",
    "Format",
    "Header",
    "ReadLimits",
    "Series",
    "SeriesScan",
    "check_stored_bytes",
    "derive_dicom",
    "derive_dicom_series",
    "derive_uid",
    "format_of_suffix",
    "frame_order",
    "open_tags",
    "probe",
    "read",
    "read_series",
    "reading",
    "recognise",
    "scan_series",
    "stack_planes",
    "write",
    "write_dicom",
    "write_dicom_series",
]
