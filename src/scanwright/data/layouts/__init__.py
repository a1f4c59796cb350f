"""The ways in which data sets lie on disk, by name."""

from scanwright.base import Catalog
from scanwright.data.index import Layout
from scanwright.data.layouts.box_manifest import BoxManifest
from scanwright.data.layouts.class_folder import ClassFolder
from scanwright.data.layouts.coco import Coco
from scanwright.data.layouts.decathlon import Decathlon
from scanwright.data.layouts.dicom_findings import DicomFindings
from scanwright.data.layouts.dicom_masks import DicomMasks
from scanwright.data.layouts.dicom_tree import DicomTree
from scanwright.data.layouts.manifest import Manifest
from scanwright.data.layouts.mask_folders import MaskFolders
from scanwright.data.layouts.mask_manifest import MaskManifest
from scanwright.data.layouts.medmnist import Medmnist, fetch_medmnist, is_named
from scanwright.data.layouts.pascal_voc import PascalVoc
from scanwright.data.layouts.unlabelled import Unlabelled
from scanwright.data.layouts.yolo import Yolo

LAYOUTS: Catalog[Layout] = Catalog(
    "layout",
    {
        "box-manifest": BoxManifest(),
        "class-folder": ClassFolder(),
        "coco": Coco(),
        "decathlon": Decathlon(),
        "dicom-findings": DicomFindings(),
        "dicom-masks": DicomMasks(),
        "dicom-tree": DicomTree(),
        "manifest": Manifest(),
        "mask-folders": MaskFolders(),
        "mask-manifest": MaskManifest(),
        "medmnist": Medmnist(),
        "pascal-voc": PascalVoc(),
        "unlabelled": Unlabelled(),
        "yolo": Yolo(),
    },
)

__all__ = [
    "LAYOUTS",
    "BoxManifest",
    "ClassFolder",
    "Coco",
    "Decathlon",
    "DicomFindings",
    "DicomMasks",
    "DicomTree",
    "Manifest",
    "MaskFolders",
    "MaskManifest",
    "Medmnist",
    "PascalVoc",
    "Unlabelled",
    "Yolo",
    "fetch_medmnist",
    "is_named",
]
